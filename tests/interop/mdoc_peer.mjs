// One job for @owf/mdoc: a JSON request on standard input, the answer on standard output. The folder in which the package
// is installed is given. Byte strings are base64url. Cryptography is Node's own.
import {createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, X509Certificate} from 'node:crypto';
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const folder = process.argv[2];
createRequire(folder + '/');
const mdoc = await import(pathToFileURL(join(folder, 'node_modules/@owf/mdoc/dist/index.mjs')));
const job = JSON.parse(readFileSync(0, 'utf8'));
const bytes = text => new Uint8Array(Buffer.from(text, 'base64url'));
const text = data => Buffer.from(data).toString('base64url');
const certificate = data => new X509Certificate(Buffer.from(data));
const ec = jwk => ({kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y, ...(jwk.d ? {d: jwk.d} : {})});

const context = {
  crypto: {
    random: length => new Uint8Array(randomBytes(length)),
    digest: ({digestAlgorithm, bytes: data}) =>
      new Uint8Array(createHash(digestAlgorithm.replace('-', '').toLowerCase()).update(data).digest()),
  },
  cose: {
    sign1: {
      sign: ({toBeSigned, key}) => new Uint8Array(sign('sha256', Buffer.from(toBeSigned),
        {key: createPrivateKey({key: ec(key.jwk), format: 'jwk'}), dsaEncoding: 'ieee-p1363'})),
      verify: ({key, sign1}) => verify('sha256', Buffer.from(sign1.toBeSigned),
        {key: createPublicKey({key: ec(key.jwk), format: 'jwk'}), dsaEncoding: 'ieee-p1363'}, Buffer.from(sign1.signature)),
    },
  },
  x509: {
    getIssuerNameField: ({certificate: data, field}) => certificate(data).issuer.split('\n')
      .filter(line => line.startsWith(field + '=')).map(line => line.slice(field.length + 1)),
    getPublicKey: ({certificate: data}) => mdoc.CoseKey.fromJwk(certificate(data).publicKey.export({format: 'jwk'})),
    verifyCertificateChain: ({trustedCertificates, x5chain}) => {
      const leaf = certificate(x5chain[0]);
      if (!trustedCertificates.some(root => leaf.verify(certificate(root).publicKey))) throw new Error('not trusted');
    },
    getCertificateData: ({certificate: data}) => {
      const found = certificate(data);
      return {
        issuerName: found.issuer, subjectName: found.subject, serialNumber: found.serialNumber, pem: found.toString(),
        thumbprint: found.fingerprint256, notBefore: new Date(found.validFrom), notAfter: new Date(found.validTo),
      };
    },
  },
};

async function transcript() {
  const {clientId, nonce, responseUri, origin, thumbprint} = job.session;
  const jwkThumbprint = thumbprint ? bytes(thumbprint) : undefined;
  return origin
    ? mdoc.SessionTranscript.forOid4VpDcApi({origin, nonce, jwkThumbprint}, context)
    : mdoc.SessionTranscript.forOid4Vp({clientId, nonce, responseUri, jwkThumbprint}, context);
}

const answer = {
  issue: async () => {
    const issuer = new mdoc.Issuer(job.docType, context);
    for (const [name, values] of Object.entries(job.nameSpaces)) {
      const dated = Object.entries(values).map(([key, value]) =>
        [key, value?.date ? new mdoc.DateOnly(value.date) : value?.bytes ? bytes(value.bytes) : value]);
      issuer.addIssuerNamespace(name, Object.fromEntries(dated));
    }
    const [signed, validUntil] = [job.now, job.validUntil].map(time => new Date(time));
    const issued = await issuer.sign({
      signingKey: mdoc.CoseKey.fromJwk(job.issuerKey), algorithm: mdoc.SignatureAlgorithm.ES256,
      digestAlgorithm: 'SHA-256', certificates: [bytes(job.certificate)],
      validityInfo: {signed, validFrom: signed, validUntil},
      deviceKeyInfo: {deviceKey: mdoc.DeviceKey.fromJwk(job.deviceKey)},
    });
    return issued.encodedForOid4Vci;
  },
  present: async () => {
    const wanted = Object.fromEntries(Object.entries(job.elements)
      .map(([name, names]) => [name, Object.fromEntries(names.map(element => [element, false]))]));
    const itemsRequest = mdoc.ItemsRequest.create({docType: job.docType, namespaces: wanted});
    const deviceRequest = mdoc.DeviceRequest.create({docRequests: [mdoc.DocRequest.create({itemsRequest})]});
    const response = await mdoc.Holder.createDeviceResponseForDeviceRequest({
      deviceRequest, sessionTranscript: await transcript(),
      issuerSigned: [mdoc.IssuerSigned.fromEncodedForOid4Vci(job.issuerSigned)],
      signature: {signingKey: mdoc.DeviceKey.fromJwk(job.deviceKey)},
    }, context);
    return response.encodedForOid4Vp;
  },
  verify: async () => {
    const deviceResponse = mdoc.DeviceResponse.fromEncodedForOid4Vp(job.response);
    await mdoc.Verifier.verifyDeviceResponse({
      deviceResponse, sessionTranscript: await transcript(), trustedCertificates: [bytes(job.root)], now: new Date(job.now),
    }, context);
    const [document] = deviceResponse.documents;
    const shown = {};
    for (const [name, items] of document.issuerSigned.issuerNamespaces.issuerNamespaces)
      shown[name] = items.map(item => item.elementIdentifier);
    return {docType: document.docType, shown};
  },
  transcript: async () => text((await transcript()).encode()),
}[job.action];
process.stdout.write(JSON.stringify(await answer()));
