// @ts-check
// The request the composer made, as something to paste: curl, JavaScript, Python.

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * What to paste, by its name.
 * @param {string} origin @param {Record<string, unknown>} body the check's JSON @returns {Record<string, string>}
 */
export function requests(origin, body) {
  const url = `${origin}/v1/checks`;
  const json = JSON.stringify(body, null, 2);
  const python = json.replace(/: (true|false|null)(?=,?$)/gm, (_, word) => `: ${{ true: "True", false: "False", null: "None" }[/** @type {"true"} */ (word)]}`);
  return {
    curl: `curl ${quoted(url)} \\\n  -H 'Content-Type: application/json' \\\n  -H "X-API-Key: $KEY" \\\n  -d ${quoted(json)}`,
    JavaScript: `const answer = await fetch(${JSON.stringify(url)}, {\n  method: "POST",\n  headers: { "Content-Type": "application/json", "X-API-Key": key },\n  body: JSON.stringify(${json.replaceAll("\n", "\n  ")}),\n}).then((response) => response.json());`,
    Python: `import requests\n\nanswer = requests.post(\n    ${JSON.stringify(url)},\n    headers={"X-API-Key": key},\n    json=${python.replaceAll("\n", "\n    ")},\n).json()`,
  };
}
