# What docs/status-lists.md takes for granted: an authority and its key, a list in a file, a card on it, a fetcher.
import json
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

import did
import vc
from did.fetcher import Fetcher
from issuer import Authority as _Authority
from vc.status import StatusList, status_entry, status_list_credential

app = web.Application()
signer = did.generate("P-256")
authority = _Authority("cards.db", signer, name="四川省公安厅", region="510000", base_url="https://sc.example")
_url = "https://sc.example/status/revocation/1"
_list = status_list_credential(
    StatusList(), id=_url, issuer=signer.did, purpose="revocation", valid_from=datetime.now(UTC)
)
Path("revocation-1.json").write_text(json.dumps(vc.issue(_list, signer, cryptosuite="ecdsa-rdfc-2019")))
card = vc.issue(
    {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": signer.did,
        "credentialSubject": {"id": did.generate("P-256").did},
        "credentialStatus": status_entry(_url, 94567, "revocation"),
    },
    signer,
    cryptosuite="ecdsa-rdfc-2019",
)
fetcher = Fetcher()
