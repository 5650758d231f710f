/* For browsers that know scripts but not modules: what <noscript> does for the others. */
setTimeout(function () { if (document.getElementById("room").getAttribute("data-refresh")) location.reload(); }, 15000);
