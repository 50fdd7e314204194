// One job for @sd-jwt: a JSON request on standard input, the answer on standard output. Run in a folder where
// @sd-jwt/sd-jwt-vc and @sd-jwt/crypto-nodejs are installed (node --import is not needed: the folder is given).
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import {readFileSync} from 'node:fs';

const require = createRequire(process.argv[2] + '/');
const load = async name => import(pathToFileURL(require.resolve(name)));
const {SDJwtVcInstance} = await load('@sd-jwt/sd-jwt-vc');
const {ES256, digest, generateSalt} = await load('@sd-jwt/crypto-nodejs');

const job = JSON.parse(readFileSync(0, 'utf8'));
const instance = new SDJwtVcInstance({
  signAlg: 'ES256', hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt, kbSignAlg: 'ES256',
  signer: job.issuerKey && await ES256.getSigner(job.issuerKey),
  verifier: job.issuerPublic && await ES256.getVerifier(job.issuerPublic),
  kbSigner: job.holderKey && await ES256.getSigner(job.holderKey),
  kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
});
const answer = {
  issue: async () => instance.issue(job.claims, {_sd: job.disclosable}, {header: {kid: job.kid}}),
  present: async () => instance.present(job.sdJwt, Object.fromEntries(job.shown.map(name => [name, true])), {
    kb: {payload: {iat: Math.floor(Date.now() / 1000), aud: job.audience, nonce: job.nonce}},
  }),
  verify: async () => (await instance.verify(job.sdJwt, {requiredClaimKeys: ['vct'], keyBindingNonce: job.nonce})).payload,
}[job.action];
process.stdout.write(JSON.stringify(await answer()));
