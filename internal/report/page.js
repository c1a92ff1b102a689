"use strict";
(function () {
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }

  // Filtering and sorting: each form rules the rows that follow it.
  all("form.tools").forEach(function (form) {
    var box = form.parentNode.querySelector(".rows");
    var rows = all(".row[id]", box);
    var after = rows.length ? rows[rows.length - 1].nextSibling : null;
    var words = rows.map(function (row) { return row.textContent.toLowerCase(); });
    var out = form.querySelector("output");

    function apply() {
      var shown = 0;
      var wanted = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach(function (row, i) {
        var ok = wanted.every(function (word) { return words[i].indexOf(word) >= 0; });
        all("select", form).forEach(function (select) {
          if (select.name !== "sort" && select.value && row.dataset[select.name] !== select.value) ok = false;
        });
        row.hidden = !ok;
        if (ok) shown++;
      });
      out.textContent = shown === rows.length ? rows.length + " shown" : shown + " of " + rows.length + " shown";
    }

    function sort() {
      var key = form.elements.sort.value;
      var sorted = rows.slice();
      if (key) sorted.sort(function (a, b) {
        var x = a.dataset[key], y = b.dataset[key];
        if (key === "name") return x < y ? -1 : x > y ? 1 : 0;
        if (key === "last") return x < y ? 1 : x > y ? -1 : 0;
        return y - x;
      });
      sorted.forEach(function (row) { box.insertBefore(row, after); });
    }

    form.addEventListener("submit", function (e) { e.preventDefault(); });
    form.addEventListener("input", apply);
    if (form.elements.sort) form.elements.sort.addEventListener("change", sort);
    var toggle = form.querySelector(".toggle");
    if (toggle) toggle.addEventListener("click", function () {
      var open = toggle.textContent === "Open all";
      rows.forEach(function (row) { if (!row.hidden) row.open = open; });
      toggle.textContent = open ? "Close all" : "Open all";
    });
    form.hidden = false;
    apply();
  });

  // A link to a row opens it, and shows it if a filter hid it.
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    var row = target.closest(".row");
    if (!row) return;
    row.hidden = false;
    row.open = true;
    var line = row.querySelector("summary");
    if (line) line.focus({preventScroll: true});
    row.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  // Commands can be copied.
  all("pre.copy").forEach(function (pre) {
    var text = pre.textContent;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "copied";
    button.textContent = "copy";
    button.setAttribute("aria-label", "Copy the command");
    button.addEventListener("click", function () {
      function done() { button.textContent = "copied"; setTimeout(function () { button.textContent = "copy"; }, 1500); }
      if (navigator.clipboard) { navigator.clipboard.writeText(text).then(done, select); } else { select(); }
    });
    function select() {
      var range = document.createRange();
      range.selectNodeContents(pre.firstChild);
      var s = getSelection();
      s.removeAllRanges();
      s.addRange(range);
    }
    pre.appendChild(button);
  });
})();
