"use strict";
// Sorts and filters the table of findings; the page is complete without it. No less-than sign and
// no ampersand stand here, so that the page with this text in it is well-formed XML.
(function () {
  var table = document.getElementById("table");
  if (!table) { return; }
  var body = table.tBodies[0];
  var rows = Array.from(body.rows);
  var heads = Array.from(table.tHead.rows[0].cells);
  var form = document.getElementById("filter");
  var needle = document.getElementById("needle");
  var shown = document.getElementById("shown");
  var boxes = Array.from(form.querySelectorAll("input[type=checkbox]"));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });

  function filter() {
    var words = needle.value.toLowerCase().split(/\s+/).filter(Boolean);
    var levels = boxes.filter(function (box) { return box.checked; })
      .map(function (box) { return box.value; });
    var count = 0;
    rows.forEach(function (row, i) {
      var fits = levels.includes(row.dataset.level) ?
        words.every(function (word) { return texts[i].includes(word); }) : false;
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    shown.textContent = count + " / " + rows.length + " " + shown.dataset.text;
  }

  function keyOf(row, column, numeric) {
    var cell = row.cells[column];
    return numeric ? Number(cell.dataset.value) : cell.textContent;
  }

  function sort(head) {
    var column = heads.indexOf(head);
    var numeric = head.dataset.sort === "number";
    var down = head.getAttribute("aria-sort") ?
      head.getAttribute("aria-sort") === "ascending" : numeric;
    heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var order = rows.map(function (row, i) { return { key: keyOf(row, column, numeric), at: i }; });
    order.sort(function (a, b) {
      var by = numeric ? a.key - b.key : a.key.localeCompare(b.key);
      return (down ? -by : by) || a.at - b.at;
    });
    order.forEach(function (item) { body.appendChild(rows[item.at]); });
  }

  heads.forEach(function (head) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", function () { sort(head); });
    head.textContent = "";
    head.appendChild(button);
  });
  needle.addEventListener("input", filter);
  boxes.forEach(function (box) { box.addEventListener("change", filter); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.hidden = false;
  filter();
}());
