// Digital Bazaar's stack, jsonld.js with rdf-canonize, and MATTR's pairing-crypto (WASM), measured with their own APIs.
// usage: node node.mjs FIXTURES stack|canonicalize|bbs     (from a folder that has the packages installed)
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [folder, part] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(process.cwd(), 'x.js')));
const load = async name => {
  try { return await import(pathToFileURL(require.resolve(name))); }
  catch { return import(pathToFileURL(join(process.cwd(), 'node_modules', name, 'lib/index.js'))); }
};
const fixture = name => JSON.parse(readFileSync(join(folder, `${name}.json`)));
const V2 = 'https://www.w3.org/ns/credentials/v2';
const documents = new Map(Object.entries(fixture('contexts')));
documents.set(V2, JSON.parse(readFileSync(join(folder, 'credentials-v2.json'))));
const documentLoader = async url => {
  if(!documents.has(url)) throw new Error(`not preloaded: ${url}`);
  return {contextUrl: null, documentUrl: url, document: documents.get(url), tag: 'static'};
};

function variants(name, issuer, count = 32) {
  return Array.from({length: count}, (_, i) => {
    const one = fixture(name);
    one.issuer = issuer;
    if(one.id) one.id = one.id.slice(0, -4) + String(1000 + i);
    const subject = one.credentialSubject;
    for(const term of ['givenName', 'alumniOf']) if(subject[term]) subject[term] += i;
    if(subject.address) subject.address.streetAddress += i;
    return one;
  });
}

const budget = Number(process.env.BENCH_MS || 300), only = process.env.BENCH_ONLY;
async function bench(peer, suite, op, doc, items, work) {
  if(only && !new RegExp(only).test([peer, suite, op, doc].join(' '))) return;
  const row = {peer, suite, op, doc}, taken = [];
  let i = 0;
  try {
    const warm = performance.now();
    while(performance.now() - warm < 0.4 * budget || i < 3) await work(items[i++ % items.length]);
    const from = performance.now();
    while(performance.now() - from < budget || taken.length < 5) {
      const item = items[i++ % items.length], start = performance.now();
      await work(item);
      taken.push(1000 * (performance.now() - start));
    }
    taken.sort((a, b) => a - b);
    Object.assign(row, {n: taken.length, min_us: taken[0], median_us: +taken[taken.length >> 1].toFixed(2)});
  } catch(error) { row.error = String(error.message || error).slice(0, 200); }
  console.log(JSON.stringify(row));
}

async function stack() {
  const PEER = 'Digital Bazaar (JS)';
  const vc = await load('@digitalbazaar/vc');
  const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
  const checkStatus = async () => ({verified: true});
  const makeKey = async make => {
    const key = await make();
    const {publicKeyMultibase} = await key.export({publicKey: true});
    key.controller = `did:key:${publicKeyMultibase}`;
    key.id = `${key.controller}#${publicKeyMultibase}`;
    const method = await key.export({publicKey: true, includeContext: true});
    documents.set(key.id, method);
    documents.set(key.controller, {'@context': ['https://www.w3.org/ns/did/v1'], id: key.controller,
      verificationMethod: [method], assertionMethod: [key.id]});
    return key;
  };
  const verifier = suite => async credential => {
    const result = await vc.verifyCredential({credential, documentLoader, checkStatus, suite});
    if(!result.verified) throw result.error.errors?.[0] ?? result.error;
  };
  async function plain(name, key, makeSuite, verifySuite, kinds) {
    for(const kind of kinds) {
      const items = variants(kind, key.controller);
      const issue = credential => vc.issue({credential: structuredClone(credential), documentLoader,
        suite: new DataIntegrityProof({signer: key.signer(), cryptosuite: makeSuite})});
      const verify = verifier(new DataIntegrityProof({cryptosuite: verifySuite}));
      const signed = [];
      for(const item of items) signed.push(await issue(item));
      await bench(PEER, name, 'issue', kind, items, issue);
      await bench(PEER, name, 'verify', kind, signed, verify);
      if(name === 'eddsa-rdfc-2022') {
        const texts = signed.map(s => JSON.stringify(s));
        await bench(PEER, name, 'verify-bytes', kind, texts, text => verify(JSON.parse(text)));
      }
    }
  }
  async function selective(name, key, library, kinds) {
    for(const kind of kinds) {
      const pointers = fixture('pointers')[kind], items = variants(kind, key.controller, 8);
      const issue = credential => vc.issue({credential: structuredClone(credential), documentLoader,
        suite: new DataIntegrityProof({signer: key.signer(),
          cryptosuite: library.createSignCryptosuite({mandatoryPointers: pointers.mandatory})})});
      const derive = verifiableCredential => vc.derive({verifiableCredential, documentLoader,
        suite: new DataIntegrityProof({
          cryptosuite: library.createDiscloseCryptosuite({selectivePointers: pointers.selective})})});
      const verify = verifier(new DataIntegrityProof({cryptosuite: library.createVerifyCryptosuite()}));
      const signed = [], derived = [];
      for(const item of items) { signed.push(await issue(item)); derived.push(await derive(signed.at(-1))); }
      await bench(PEER, name, 'issue', kind, items, issue);
      await bench(PEER, name, 'derive', kind, signed, derive);
      await bench(PEER, name, 'verify', kind, derived, verify);
    }
  }
  const ed25519 = await load('@digitalbazaar/ed25519-multikey'), ecdsa = await load('@digitalbazaar/ecdsa-multikey');
  const bls = await load('@digitalbazaar/bls12-381-multikey');
  const {cryptosuite: eddsaRdfc} = await load('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
  const {cryptosuite: ecdsaRdfc} = await load('@digitalbazaar/ecdsa-rdfc-2019-cryptosuite');
  const eddsaJcs = await load('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
  const ecdsaJcs = await load('@digitalbazaar/ecdsa-jcs-2019-cryptosuite');
  const ed = await makeKey(() => ed25519.generate()), p256 = await makeKey(() => ecdsa.generate({curve: 'P-256'}));
  const p384 = await makeKey(() => ecdsa.generate({curve: 'P-384'}));
  const all = ['resident', 'alumni', 'resident_portrait'];
  await plain('eddsa-rdfc-2022', ed, eddsaRdfc, eddsaRdfc, all);
  await plain('eddsa-jcs-2022', ed, eddsaJcs.createSignCryptosuite(), eddsaJcs.createVerifyCryptosuite(), ['resident']);
  await plain('ecdsa-rdfc-2019-p256', p256, ecdsaRdfc, ecdsaRdfc, ['resident']);
  await plain('ecdsa-rdfc-2019-p384', p384, ecdsaRdfc, ecdsaRdfc, ['resident']);
  await plain('ecdsa-jcs-2019-p256', p256, ecdsaJcs.createSignCryptosuite(), ecdsaJcs.createVerifyCryptosuite(),
    ['resident']);
  await selective('ecdsa-sd-2023', p256, await load('@digitalbazaar/ecdsa-sd-2023-cryptosuite'), ['resident', 'alumni']);
  const key = await makeKey(() => bls.generateBbsKeyPair({algorithm: bls.ALGORITHMS.BBS_BLS12381_SHA256}));
  await selective('bbs-2023', key, await load('@digitalbazaar/bbs-2023-cryptosuite'), ['resident', 'alumni']);
}

async function canonicalize() {
  const jsonld = (await load('jsonld')).default;
  const options = {algorithm: 'RDFC-1.0', format: 'application/n-quads', documentLoader, safe: true};
  for(const doc of ['alumni', 'resident', 'resident_portrait', 'claims_10', 'claims_100', 'claims_500', 'claims_1000']) {
    const items = variants(doc, 'did:example:issuer', 8);
    await bench('jsonld.js', 'canonicalize', 'canonicalize', doc, items, one => jsonld.canonize(one, options));
  }
}

async function bbs() {
  const mattr = await load('@mattrglobal/pairing-crypto');
  const scheme = (mattr.bbs ?? mattr.default.bbs).bls12381_sha256, PEER = 'pairing-crypto (WASM)', COUNT = 40;
  const messages = Array.from({length: COUNT}, (_, i) =>
    new TextEncoder().encode(`_:b${i} <https://example.org/vocab#claim${i}> "value ${i}" .\n`));
  const header = randomBytes(64), presentationHeader = randomBytes(16), keys = await scheme.generateKeyPair();
  const signature = await scheme.sign({...keys, header, messages});
  const prove = () => scheme.deriveProof({publicKey: keys.publicKey, header, presentationHeader, signature,
    verifySignature: false, messages: messages.map((value, i) => ({value, reveal: i % 4 === 0}))});
  const proof = await prove();
  const shown = Object.fromEntries(messages.map((m, i) => [i, m]).filter(([i]) => i % 4 === 0));
  const check = async () => {
    const result = await scheme.verifyProof({publicKey: keys.publicKey, header, presentationHeader, proof, messages: shown});
    if(!(result === true || result.verified)) throw new Error(JSON.stringify(result));
  };
  await bench(PEER, 'bbs', 'prove', '40 messages', [0], prove);
  await bench(PEER, 'bbs', 'verify-proof', '40 messages', [0], check);
}

async function sdjwt() {
  const PEER = '@sd-jwt (JS)', {SDJwtVcInstance} = await load('@sd-jwt/sd-jwt-vc');
  const {ES256, generateSalt, digest} = await load('@sd-jwt/crypto-nodejs');
  const issuer = await ES256.generateKeyPair(), device = await ES256.generateKeyPair();
  const instance = new SDJwtVcInstance({signer: await ES256.getSigner(issuer.privateKey), signAlg: 'ES256',
    verifier: await ES256.getVerifier(issuer.publicKey), hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt,
    kbSigner: await ES256.getSigner(device.privateKey), kbSignAlg: 'ES256',
    kbVerifier: await ES256.getVerifier(device.publicKey)});
  const stated = {iss: 'https://issuer.example', vct: 'https://x.example/resident', iat: 1700000000, exp: 2900000000,
    cnf: {jwk: device.publicKey}};
  const items = variants('resident', 'x').map(one => {
    const {id, type, ...claims} = one.credentialSubject;
    return {...stated, ...claims};
  });
  const frame = {_sd: Object.keys(items[0]).filter(name => !(name in stated))};
  const issue = claims => instance.issue(structuredClone(claims), frame);
  const present = token => instance.present(token, {ageOver18: true, nationality: true, birthDate: true},
    {kb: {payload: {iat: Math.floor(Date.now() / 1000), aud: 'https://rp.example', nonce: 'n-1'}}});
  const tokens = [], shown = [];
  for(const item of items) { tokens.push(await issue(item)); shown.push(await present(tokens.at(-1))); }
  await bench(PEER, 'sd-jwt-vc', 'issue', 'resident', items, issue);
  await bench(PEER, 'sd-jwt-vc', 'present', 'resident', tokens, present);
  await bench(PEER, 'sd-jwt-vc', 'verify', 'resident', shown,
    token => instance.verify(token, {requiredClaimKeys: ['birthDate'], keyBindingNonce: 'n-1'}));
}

await {stack, canonicalize, bbs, sdjwt}[part]();
