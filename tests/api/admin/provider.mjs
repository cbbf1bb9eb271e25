// A real OpenID provider on a port of its own, for test_login.py: `node provider.mjs FRONTEND REDIRECT_URI GROUPS`.
// It ends with its standard input. People sign in with any name; GROUPS says which groups a name has, as JSON.
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [frontend, redirectUri, groups] = process.argv.slice(2);
const { default: module, Provider = module } = createRequire(`${frontend}/package.json`)("oidc-provider");
const groupsOf = JSON.parse(groups);

const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "reslab", client_secret: "a secret of the test", redirect_uris: [redirectUri] }],
  claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"], email: ["email"] },
  scopes: ["openid", "profile", "email", "groups"],
  pkce: { required: () => true },
  cookies: { keys: ["of the test"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, groups: groupsOf[id] ?? [] }),
  }),
});
server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
