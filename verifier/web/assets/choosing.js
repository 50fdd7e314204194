// @ts-check
// The form of the answer that is chosen goes with every scenario. Without this script its button does the same.
const choice = document.querySelector("form[data-answers]");
if (choice instanceof HTMLFormElement) {
  const button = choice.querySelector("button");
  if (button) button.hidden = true;
  document.addEventListener("submit", (event) => {
    const field = event.target instanceof HTMLFormElement && event.target !== choice ? event.target.elements.namedItem("envelope") : null;
    if (field instanceof HTMLInputElement) field.value = String(new FormData(choice).get("envelope"));
  });
}
