(function () {
  "use strict";
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
  document.querySelectorAll("script[data-figure]").forEach(function (source) {
    var place = document.getElementById(source.dataset.figure);
    var figure = JSON.parse(source.textContent);
    place.style.height = place.dataset.height + "px";
    var layout = over(base.layout, figure.layout);
    layout.annotations = (layout.annotations || []).map(function (a) { return over(base.label, a); });
    var data = figure.data.map(function (t) { return over(base.traces[t.meta] || {}, t); });
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
