(function () {
  "use strict";
  var form = document.querySelector(".search");
  var input = document.getElementById("find");
  var found = document.getElementById("found");
  var places = Array.prototype.slice.call(document.querySelectorAll(".places li"));
  // aarhus, århus and arhus are one name, as are koebenhavn and kobenhavn, aero and ærø
  function fold(text) {
    return text.toLowerCase()
      .replace(/[æä]/g, "ae").replace(/[øö]/g, "o").replace(/å/g, "a")
      .replace(/đ/g, "d").replace(/ŋ/g, "n").replace(/ŧ/g, "t")
      .normalize("NFD").replace(/[\u0300-\u036f]/g, "")
      .replace(/aa/g, "a").replace(/oe/g, "o").replace(/ae/g, "a").replace(/[^a-z0-9]/g, "");
  }
  var keys = places.map(function (place) { return place.dataset.find.split("|").map(fold); });
  function show() {
    var wanted = fold(input.value);
    var count = 0;
    places.forEach(function (place, i) {
      var fits = keys[i].some(function (key) { return key.indexOf(wanted) >= 0; });
      place.hidden = !fits;
      if (fits) count += 1;
    });
    found.textContent = count ? found.dataset.message.replace("{count}", count) : found.dataset.none;
  }
  form.hidden = false;
  input.addEventListener("input", show);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var first = places.filter(function (place) { return !place.hidden; })[0];
    if (first) first.querySelector("a").click();
  });
})();
