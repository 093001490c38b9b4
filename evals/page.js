// Filters the samples by state and by words. Without it all samples are there to read.
"use strict";
(() => {
  const filters = document.querySelector(".filters");
  const samples = [...document.querySelectorAll(".sample")];
  const buttons = [...filters.querySelectorAll("button")];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  let state = "all";

  const apply = () => {
    const words = search.value.trim().toLowerCase();
    let count = 0;
    for (const sample of samples) {
      const fits = (state === "all" || sample.dataset.state === state) &&
        (!words || sample.textContent.toLowerCase().includes(words));
      sample.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${samples.length}`;
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      state = button.dataset.show;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      apply();
    });
  }
  search.addEventListener("input", apply);
  filters.hidden = false;
  apply();
})();
