(function () {
  "use strict";
  // a map says the name and value under the pointer, from the table behind it
  document.querySelectorAll("svg.map[data-known]").forEach(function (map) {
    var rows = map.parentNode.querySelectorAll("tbody tr");
    map.querySelectorAll(".land use").forEach(function (use) {
      var row = rows[use.getAttribute("href").replace(/\D+/, "")];
      if (!row) return;
      var name = row.cells[0].textContent, value = row.cells[1].textContent;
      var said = /\d/.test(value) ? map.dataset.known : map.dataset.none;
      var title = document.createElementNS(map.namespaceURI, "title");
      title.textContent = said.replace(/\{(name|value)\}/g, function (field) {
        return field === "{name}" ? name : value;
      });
      use.appendChild(title);
    });
  });
  // on a phone a table of many cards is folded; whoever wants it opens it
  if (window.matchMedia("(max-width: 45rem)").matches) {
    document.querySelectorAll("details.long").forEach(function (long) { long.open = false; });
  }
  if (!window.Plotly) return;
  var base = JSON.parse(document.getElementById("base").textContent);
  var drawn = [];
  function over(below, own) {
    var result = Object.assign({}, below);
    Object.keys(own).forEach(function (key) {
      var both = own[key] && own[key].constructor === Object && below && below[key];
      result[key] = both ? over(below[key], own[key]) : own[key];
    });
    return result;
  }
  // a line is laid over the look of its kind, and over what it shares with the first one
  function below(trace, first) {
    var look = Object.assign({}, base.traces[trace.meta]);
    if (first && base.lines.indexOf(trace.meta) >= 0) {
      base.alike.forEach(function (key) { if (key in first) look[key] = first[key]; });
    }
    return look;
  }
  document.querySelectorAll("script[data-figure]").forEach(function (source) {
    var place = document.getElementById(source.dataset.figure);
    var figure = JSON.parse(source.textContent);
    place.style.height = place.dataset.height + "px";
    var layout = over(base.layout, figure.layout);
    layout.annotations = (layout.annotations || []).map(function (a, i) {
      return over(i ? base.label : base.title, a);
    });
    var data = [];
    figure.data.forEach(function (t) { data.push(over(below(t, data[0]), t)); });
    Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true });
    drawn.push(place);
  });
  // a drawing keeps the width of the screen when printed, so it is fitted to its column and back
  window.addEventListener("beforeprint", function () {
    drawn.forEach(function (place) { Plotly.relayout(place, { width: 325, autosize: false }); });
  });
  window.addEventListener("afterprint", function () {
    drawn.forEach(function (place) { Plotly.relayout(place, { width: null, autosize: true }); });
  });
})();
