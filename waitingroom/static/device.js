/* What this browser says of its device (waitingroom/device.py: Probe): measured once a page, the same way on all of them,
   and put into every form that asks for it, so that one computer is not two devices. Syntax of 2012, for old computers. */
(function () {
  "use strict";

  function first(feature, kinds) {
    for (var i = 0; window.matchMedia && i < kinds.length; i++) {
      if (matchMedia("(" + feature + ": " + kinds[i] + ")").matches) return kinds[i];
    }
    return "";
  }

  var pointers = ["fine", "coarse", "none"];
  var touchPoints = navigator.maxTouchPoints; // undefined in browsers older than any tablet that poses as a computer
  var seen = {
    touch_points: touchPoints === undefined ? "" : touchPoints,
    pointer: first("pointer", pointers),
    any_pointer: first("any-pointer", pointers),
    any_hover: first("any-hover", ["hover", "none"])
  };

  function each(selector, within, work) {
    Array.prototype.forEach.call(within.querySelectorAll(selector), work);
  }

  function fill(within) {
    each("[data-probe]", within, function (field) { field.value = seen[field.name]; });
  }

  fill(document);
  // Before any other script reads the form: a page may have exchanged its form since.
  document.addEventListener("submit", function (event) { fill(event.target); }, true);

  if (touchPoints > 1 && /Macintosh/.test(navigator.userAgent)) { // iPadOS says so; no Macintosh has a touch screen
    each("[data-show='device-yes']", document, function (part) { part.hidden = true; });
    each("[data-show='device-no']", document, function (part) { part.hidden = false; });
  }
})();
