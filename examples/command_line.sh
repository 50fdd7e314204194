#!/usr/bin/env bash
# The whole journey on the command line: register, card, wallet, trust list, request, answer, verdict.
# bash examples/command_line.sh FOLDER keeps everything in FOLDER. Needs .venv/bin first on the PATH. All people are made up.
set -euo pipefail
mkdir -p "$1" && cd "$1"
# Passwords and PINs are typed in real life, or come from files; they are never arguments.
export LIANGZHENG_ISSUER_HOME=authority LIANGZHENG_PASSWORD='a long password of ours'
export LIANGZHENG_WALLET=wallet/wallet.db LIANGZHENG_KEYSTORE=device/phone.keystore LIANGZHENG_PIN=503917
export LIANGZHENG_VERIFIER=hotel
member() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }

# An authority with a register.
liangzheng issuer init --name 四川省公安厅（示例） --region 510000 --base-url https://licences.sichuan.example
liangzheng issuer synthetic registers --people 60
liangzheng issuer import registers/sichuan.csv
IFS=, read -r number name _ < <(sed -n 2p registers/sichuan.csv)
python3 -c 'import sys; from issuer.portraits import draw_portrait
open("portrait.jpg", "wb").write(draw_portrait(sys.argv[1], sex="1", age=30))' "$number"
liangzheng issuer portrait "$number" portrait.jpg

# A card: the applicant proves who they are, the device that it holds its key.
liangzheng holder init
liangzheng issuer apply --kind resident-identity-card --name "$name" --number "$number" --json >application.json
application=$(member application.json application)
code=$(member "authority/outbox/$application.json" code) # A text message in real life.
liangzheng issuer prove "$application" "$code" --json >challenge.json
liangzheng holder prove challenge.json --out proof.json
liangzheng issuer issue "$application" proof.json --out cards.json
liangzheng holder add cards.json
liangzheng issuer publish

# A hotel in the next province that trusts what the anchor's list says, and has no network.
liangzheng keys generate anchor.key
liangzheng keys show anchor.key --json >anchor.json
cat >trust.json <<END
{"trustedIssuer": [{"did": "$(member authority/authority.json did)", "name": "四川省公安厅（示例）",
  "cardType": ["ResidentIdentityCardCredential"], "region": ["510000"]}]}
END
liangzheng verifier setup --name 重庆示例旅馆 --domain https://hotel.example --region 500000 \
  --anchor "$(member anchor.json did)"
liangzheng verifier trust sign trust.json --key anchor.key --out trust-signed.json
liangzheng verifier trust install trust-signed.json

# Ask, look at what would leave, answer, verify. A second time it is refused.
liangzheng verifier request --scenario hotel-check-in --out request.json
liangzheng holder consider request.json
liangzheng holder present request.json --yes --out message.json
lists=(--status authority/status/revocation-1.json --status authority/status/suspension-1.json)
liangzheng verifier verify message.json "${lists[@]}"
if liangzheng verifier verify message.json "${lists[@]}"; then
  echo "the same answer was accepted twice" >&2
  exit 1
fi
