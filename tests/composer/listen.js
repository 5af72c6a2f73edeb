// Runs before the page: keeps every event of the composer, and every error of the page, for the test to read.
window.seen = [];
window.errors = [];
addEventListener("error", (event) => errors.push(event.message));
addEventListener("securitypolicyviolation", (event) => errors.push(event.violatedDirective));
for (const name of ["check", "nudge", "post", "outcome", "error"]) {
  document.addEventListener(`mahlan-${name}`, (event) => {
    seen.push({ name, ...event.detail });
    if (window.refused === name) event.preventDefault();
  });
}
