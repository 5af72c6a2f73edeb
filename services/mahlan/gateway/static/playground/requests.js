// @ts-check
// The request the composer made, as something to paste: curl, JavaScript, and Python with mahlan's own client.

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** As Python writes it; JSON's strings and numbers are Python's too. @param {unknown} value */
const literal = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value));

/**
 * What to paste, by its name. Without a key in the page the gateway wants none, and the requests run as they are.
 * @param {string} origin @param {Record<string, unknown>} body the check's JSON @param {boolean} keyed
 * @returns {Record<string, string>}
 */
export function requests(origin, body, keyed) {
  const url = `${origin}/v1/checks`;
  const json = JSON.stringify(body, null, 2);
  const { comment_id, text, ...fields } = body;
  const given = [literal(comment_id), literal(text), ...Object.entries(fields).map(([name, value]) => `${name}=${literal(value)}`)];
  return {
    curl: `curl ${quoted(url)} \\\n  -H 'Content-Type: application/json' \\\n${keyed ? '  -H "X-API-Key: $KEY" \\\n' : ""}  -d ${quoted(json)}`,
    JavaScript: `const answer = await fetch(${JSON.stringify(url)}, {\n  method: "POST",\n  headers: { "Content-Type": "application/json"${keyed ? ', "X-API-Key": key' : ""} },\n  body: JSON.stringify(${json.replaceAll("\n", "\n  ")}),\n}).then((response) => response.json());`,
    Python: `# pip install 'mahlan[client]'\nfrom mahlan.client import Mahlan\n\nmahlan = Mahlan(${JSON.stringify(origin)}${keyed ? ", key" : ""})\nanswer = mahlan.check(\n${given.map((one) => `    ${one},\n`).join("")})`,
  };
}
