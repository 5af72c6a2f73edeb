// One client of Node, run once: `node clients.cjs CLIENT URL KEY < request.json`. Prints {"ok": …} or {"error": …}.
"use strict";
const [client, url, key] = process.argv.slice(2);
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

// Like this one, many clients have Google's address written into them: the one line that a site changes.
async function perspectiveApiClient() {
  const axios = require("axios");
  axios.interceptors.request.use((request) => {
    request.url = request.url.replace("https://commentanalyzer.googleapis.com", url);
    return request;
  });
  const Perspective = require("perspective-api-client");
  return new Perspective({ apiKey: key }).analyze(given.text, given.options);
}

// What `google.discoverAPI` of the package googleapis calls; the rest of that package is 200 MB of other APIs.
async function googleapis() {
  const { Discovery } = require("googleapis-common");
  const discovery = new Discovery({ debug: false, includePrivate: false });
  const client = (await discovery.discoverAPI(`${url}/$discovery/rest?version=v1alpha1`))({}, { _options: {} });
  const method = client.comments[given.method].bind(client.comments);
  return (await method({ key, resource: given.resource })).data;
}

async function openai() {
  const OpenAI = require("openai");
  return new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 }).moderations.create(given);
}

const CLIENTS = { "perspective-api-client": perspectiveApiClient, googleapis, openai };
CLIENTS[client]().then(
  (answer) => console.log(JSON.stringify({ ok: answer })),
  (error) => {
    const { message, status, code, param, type } = error;
    const response = error.response && { status: error.response.status, data: error.response.data };
    console.log(JSON.stringify({ error: { message, status, code, param, type, response } }));
  },
);
