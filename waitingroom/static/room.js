/* The room page, alive. Everything here is on the page already without scripts; this only moves it.
   It presses no button by itself: the one thing it does alone is the redirect that the call announces (WR-10).

   Markup: [data-show=x] is shown or hidden, [data-text=x] gets text, [data-do=x] is a tool's button,
   form[data-join] asks for a number. Syntax of 2017, for old computers.

   One module with the files named before it in `BUNDLES` (config/assets.py): room_parts.js, what all states share;
   room_sound.js; room_line.js, whoever has a number; room_door.js, whoever has none. Here it begins. */

if (room) {
  setUpTools(!!page.me);
  if (page.me) line();
  else if (["announced", "delayed", "open", "unrecognised", "forgotten"].includes(state)) door();
  else {
    if (state === "down") later(between(2, 6), again);
    addEventListener("pageshow", (event) => { if (event.persisted) again(); });
  }
}
