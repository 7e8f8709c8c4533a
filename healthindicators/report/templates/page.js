(function () {
  "use strict";
  // a map says the name and value under the pointer, from the table behind all maps
  var figures = document.getElementById("map-figures");
  document.querySelectorAll("svg.map[data-column]").forEach(function (map) {
    map.addEventListener("pointerenter", function () {
      var rows = figures.querySelectorAll("tbody tr"), number = -1;
      // what is drawn by reference is one thing to the pointer, so the country is drawn anew
      var land = document.getElementById("land").cloneNode(true);
      land.id = "";
      land.setAttribute("class", "land");
      land.querySelectorAll("path").forEach(function (path) {
        number = Number(path.dataset.row || number + 1);
        if (!rows[number]) return;
        var cells = rows[number].cells, value = cells[map.dataset.column].textContent;
        var said = /\d/.test(value) ? map.dataset.known : map.dataset.none;
        var title = document.createElementNS(map.namespaceURI, "title");
        title.textContent = said.replace(/\{(name|value)\}/g, function (field) {
          return field === "{name}" ? cells[0].textContent : value;
        });
        path.appendChild(title);
      });
      map.replaceChild(land, map.firstChild);
    }, { once: true });
  });
  // a link to folded figures unfolds them
  document.querySelectorAll("p.data a").forEach(function (link) {
    link.addEventListener("click", function () { figures.open = true; });
  });
  // on a phone a table of many cards is folded; whoever wants it opens it
  if (window.matchMedia("(max-width: 45rem)").matches) {
    document.querySelectorAll("details.long").forEach(function (long) { long.open = false; });
  }
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
  function draw(place) {
    var figure = JSON.parse(waiting.get(place).textContent);
    waiting.delete(place);
    near.unobserve(place);
    var layout = over(base.layout, figure.layout);
    layout.annotations = (layout.annotations || []).map(function (a, i) {
      return over(i ? base.label : base.title, a);
    });
    var data = [];
    figure.data.forEach(function (t) { data.push(over(below(t, data[0]), t)); });
    Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true });
    drawn.push(place);
  }
  // a picture is drawn when it comes near the screen, and all of them before they are printed
  var waiting = new Map();
  var near = new IntersectionObserver(function (seen) {
    seen.forEach(function (s) { if (s.isIntersecting && waiting.has(s.target)) draw(s.target); });
  }, { rootMargin: "100% 0px" });
  document.querySelectorAll("script[data-figure]").forEach(function (source) {
    var place = document.getElementById(source.dataset.figure);
    place.style.height = place.dataset.height + "px";
    waiting.set(place, source);
  });
  // plotly comes last, for the page can be read without it
  document.addEventListener("load", function (event) {
    if (event.target.id === "plotly") waiting.forEach(function (source, place) { near.observe(place); });
  }, true);
  // a drawing keeps the width of the screen when printed, so it is fitted to its column and back
  window.addEventListener("beforeprint", function () {
    if (window.Plotly) Array.from(waiting.keys()).forEach(draw);
    drawn.forEach(function (place) { Plotly.relayout(place, { width: 325, autosize: false }); });
  });
  window.addEventListener("afterprint", function () {
    drawn.forEach(function (place) { Plotly.relayout(place, { width: null, autosize: true }); });
  });
})();
