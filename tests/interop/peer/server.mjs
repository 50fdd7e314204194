// Digital Bazaar's packages behind the VC-API contract of the conformance suites. usage: node server.mjs PORT [CONTEXTS]
// CONTEXTS is a folder with a manifest.json (url, file): the repository's contexts/w3c by default.
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';
import * as Bls from '@digitalbazaar/bls12-381-multikey';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import * as statusLists from '@digitalbazaar/vc-bitstring-status-list';
import {createServer} from 'node:http';
import {readFileSync} from 'node:fs';

const port = Number(process.argv[2] ?? 8091);
const folder = new URL(process.argv[3] ?? '../../../contexts/w3c/', import.meta.url);
const contexts = new Map(JSON.parse(readFileSync(new URL('manifest.json', folder))).contexts
  .map(({url, file}) => [url, JSON.parse(readFileSync(new URL(file, folder)))]));
const lists = new Map();

// did:key, for the key types that the suites use; what a Multikey class makes of the identifier.
const KINDS = {z6Mk: Ed25519, zDna: Ecdsa, z82L: Ecdsa, zUC7: Bls};
async function didKey(url) {
  const [did] = url.split('#'), multikey = did.slice('did:key:'.length);
  const kind = KINDS[multikey.slice(0, 4)];
  if(!kind) throw new Error(`unknown key: ${did}`);
  const id = `${did}#${multikey}`;
  const key = await kind.from({'@context': 'https://w3id.org/security/multikey/v1', type: 'Multikey', id,
    controller: did, publicKeyMultibase: multikey});
  const method = await key.export({publicKey: true, includeContext: true});
  if(url.includes('#')) return method;
  return {'@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'], id: did,
    verificationMethod: [method], authentication: [id], assertionMethod: [id]};
}
async function documentLoader(url) {
  const found = contexts.get(url) ?? lists.get(url) ?? (url.startsWith('did:key:') ? await didKey(url) : null) ??
    await statusListOf(url);
  return {contextUrl: null, documentUrl: url, document: found};
}
// Status lists of other implementations are fetched from this machine only.
async function statusListOf(url) {
  if(new URL(url).hostname !== '127.0.0.1') throw new Error(`not loaded: ${url}`);
  const response = await fetch(url);
  if(!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

const plainSuite = cryptosuite => ({sign: () => cryptosuite, verify: cryptosuite});
const SUITES = {
  'eddsa-rdfc-2022': plainSuite(eddsaRdfc),
  'eddsa-jcs-2022': {sign: () => eddsaJcs.createSignCryptosuite(), verify: eddsaJcs.createVerifyCryptosuite()},
  'ecdsa-rdfc-2019': plainSuite(ecdsaRdfc),
  'ecdsa-jcs-2019': {sign: () => ecdsaJcs.createSignCryptosuite(), verify: ecdsaJcs.createVerifyCryptosuite()},
  'ecdsa-sd-2023': {sign: p => sd.createSignCryptosuite({mandatoryPointers: p}), verify: sd.createVerifyCryptosuite(),
    derive: p => sd.createDiscloseCryptosuite({selectivePointers: p})},
  'bbs-2023': {sign: p => bbs.createSignCryptosuite({mandatoryPointers: p}), verify: bbs.createVerifyCryptosuite(),
    derive: p => bbs.createDiscloseCryptosuite({selectivePointers: p})}
};
const makeBls = () => Bls.generateBbsKeyPair({algorithm: Bls.ALGORITHMS.BBS_BLS12381_SHA256});
const INSTANCES = {
  'eddsa-rdfc-2022': ['eddsa-rdfc-2022', () => Ed25519.generate()],
  'eddsa-jcs-2022': ['eddsa-jcs-2022', () => Ed25519.generate()],
  'ecdsa-rdfc-2019-p256': ['ecdsa-rdfc-2019', () => Ecdsa.generate({curve: 'P-256'})],
  'ecdsa-rdfc-2019-p384': ['ecdsa-rdfc-2019', () => Ecdsa.generate({curve: 'P-384'})],
  'ecdsa-jcs-2019-p256': ['ecdsa-jcs-2019', () => Ecdsa.generate({curve: 'P-256'})],
  'ecdsa-jcs-2019-p384': ['ecdsa-jcs-2019', () => Ecdsa.generate({curve: 'P-384'})],
  'ecdsa-sd-2023-p256': ['ecdsa-sd-2023', () => Ecdsa.generate({curve: 'P-256'})],
  'bbs-2023': ['bbs-2023', makeBls],
  'status-list': ['eddsa-rdfc-2022', () => Ed25519.generate()]
};
const issuers = {};
for(const [name, [suite, make]] of Object.entries(INSTANCES)) {
  const key = await make();
  const {publicKeyMultibase} = await key.export({publicKey: true});
  key.controller = `did:key:${publicKeyMultibase}`;
  key.id = `${key.controller}#${publicKeyMultibase}`;
  issuers[name] = {suite, key};
}

const sign = ({suite, key}, credential, pointers = []) => vc.issue({credential, documentLoader,
  suite: new DataIntegrityProof({signer: key.signer(), cryptosuite: SUITES[suite].sign(pointers)})});

async function statusEntry(origin) {
  const url = `${origin}/status-lists/1`, {key} = issuers['status-list'];
  if(!lists.has(url)) {
    const list = await statusLists.createList({length: 131072});
    const credential = await statusLists.createCredential({id: url, list, statusPurpose: 'revocation'});
    lists.set(url, await sign(issuers['status-list'], {...credential, issuer: key.controller}));
  }
  const index = Math.floor(Math.random() * 131072);
  return {id: `${url}#${index}`, type: 'BitstringStatusListEntry', statusPurpose: 'revocation',
    statusListIndex: String(index), statusListCredential: url};
}

async function issue(name, {credential, options}, origin) {
  const issuer = issuers[name];
  const {'@context': given} = credential, context = Array.isArray(given) ? [...given] : [given];
  const secured = {...credential, '@context': context};
  const known = ['https://w3id.org/security/data-integrity/v2', 'https://w3id.org/security/data-integrity/v1'];
  if(context[0] === 'https://www.w3.org/2018/credentials/v1' && !context.some(c => known.includes(c))) {
    context.push(known[0]);
  }
  if(name === 'status-list') secured.credentialStatus = await statusEntry(origin);
  return {verifiableCredential: await sign(issuer, secured, options?.mandatoryPointers)};
}
const proofsOf = document => [document.proof].flat().filter(Boolean);
const verifySuites = document => proofsOf(document).map(proof => {
  const suite = SUITES[proof.cryptosuite];
  if(!suite) throw new Error(`unknown cryptosuite: ${proof.cryptosuite}`);
  return new DataIntegrityProof({cryptosuite: suite.verify});
});
async function verify({verifiableCredential: credential}) {
  const suite = verifySuites(credential);
  if(suite.length === 0) throw new Error('no proof');
  const status = verifySuites({proof: {cryptosuite: 'eddsa-rdfc-2022'}});
  const result = await vc.verifyCredential({credential, suite, documentLoader, checkStatus: options =>
    statusLists.checkStatus({...options, suite: status, documentLoader, verifyMatchingIssuers: false})});
  if(!result.verified) throw new Error(String(result.error?.errors?.[0]?.message ?? result.error));
  return {verified: true};
}
async function derive({verifiableCredential, options}) {
  const {cryptosuite} = proofsOf(verifiableCredential)[0];
  const suite = new DataIntegrityProof({cryptosuite: SUITES[cryptosuite].derive(options?.selectivePointers ?? [])});
  return {verifiableCredential: await vc.derive({verifiableCredential, suite, documentLoader})};
}

async function route(method, path, body, origin) {
  const parts = path.split('/').filter(Boolean);
  if(method === 'GET' && parts[0] === 'status-lists') {
    return lists.has(`${origin}${path}`) ? [200, lists.get(`${origin}${path}`)] : [404, {}];
  }
  if(method === 'GET' && parts[0] === 'issuers' && parts.length === 2) {
    return issuers[parts[1]] ? [200, {id: issuers[parts[1]].key.controller}] : [404, {}];
  }
  if(method !== 'POST') return [404, {}];
  if(parts[0] === 'issuers' && issuers[parts[1]]) return [201, await issue(parts[1], body, origin)];
  if(path === '/verifiers/default/credentials/verify') return [200, await verify(body)];
  if(path === '/holders/default/credentials/derive') return [201, await derive(body)];
  return [404, {}];
}
createServer(async (request, response) => {
  let answer;
  try {
    const parts = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const {'x-forwarded-proto': scheme = 'http', 'x-forwarded-host': host = request.headers.host} = request.headers;
    answer = await route(request.method, new URL(request.url, 'http://x').pathname, text ? JSON.parse(text) : null,
      `${scheme}://${host}`);
  } catch(error) { answer = [400, {verified: false, problemDetails: [{title: String(error.message)}]}]; }
  const [status, body] = answer;
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body));
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
