/* The sound, the notification, the screen: what only a script can do comes with it. Why the sound needs a gesture, and
   where each browser permits it, is said in the words of its own settings. */

const WAITING_TOOLS = `<button type="button" class="button button--quiet" data-do="mute" data-show="mute" hidden>Couper le son</button>
<button type="button" class="button" data-do="notify" data-show="notify" hidden>Activer les notifications</button>
<button type="button" class="button" data-do="awake" data-show="awake" hidden>Garder l’écran allumé</button>
`;
const SOUND_HELP = `<details class="sound-help">
<summary>Si vous n’entendez rien</summary>
<p>Un navigateur ne joue un son qu’après un geste dans la page, tel que «\u00a0Tester le son\u00a0», et de nouveau après chaque rechargement. Le message et le titre de l’onglet vous avertissent de toute façon.</p>
<ul>
<li><strong>Chrome, Edge :</strong> l’icône à gauche de l’adresse, puis « Paramètres du site », « Son », « Autoriser ».</li>
<li><strong>Firefox :</strong> l’icône à gauche de l’adresse, puis « Lecture automatique », « Autoriser l’audio et la vidéo ».</li>
<li><strong>Safari :</strong> le menu « Safari », puis « Réglages pour ce site web », « Lecture automatique », « Autoriser toute lecture automatique ».</li>
<li><strong>Partout :</strong> ni l’onglet (un clic droit sur lui le dit) ni l’ordinateur ne doivent être muets.</li>
</ul>
</details>`;
const toolbox = (waiting) => `<div class="actions">
<button type="button" class="button" data-do="sound">Tester le son</button>
${waiting ? WAITING_TOOLS : ""}</div>
<p class="small muted" role="status" data-text="sound">Le son n’est pas encore activé\u00a0: appuyez sur «\u00a0Tester le son\u00a0» et réglez le volume.</p>
${SOUND_HELP}`;

let audio, muted = keep.getItem("muted") === "yes";

function prepare() {
  if (!audio) { audio = new Audio(page.sound); audio.preload = "auto"; audio.load(); }
}
async function ring(times) {
  prepare();
  audio.onended = () => { if (--times > 0) audio.play(); };
  audio.currentTime = 0;
  await audio.play();
}
function sounds(on) {
  muted = !on;
  keep.setItem("muted", on ? "" : "yes");
  put("sound", on ? "Le son est activé. Si vous n’avez rien entendu, montez le volume." :
    "Le son est coupé\u00a0: le message et le titre de l’onglet vous avertiront.");
  show("mute", on);
}
const tools = {
  sound: () => ring(1).then(() => sounds(true), () =>
    put("sound", "Votre navigateur n’a pas permis le son; le message vous avertira de toute façon.")),
  mute: () => sounds(false),
  async notify() {
    const answer = await Notification.requestPermission();
    show("notify", answer === "default");
    put("sound", `Les notifications ${answer === "granted" ? "sont activées" : "ne sont pas permises dans ce navigateur"}.`);
  },
  async awake() {
    try {
      await navigator.wakeLock.request("screen");
      tools.lit = true;
      show("awake", false);
      put("sound", "L’écran restera allumé tant que cette page est affichée.");
    } catch (_) {
      put("sound", "Votre appareil n’a pas permis de garder l’écran allumé.");
    }
  },
  stay() { redirectAt = 0; show("redirect", false); },
};
function setUpTools(waiting) {
  for (const place of document.querySelectorAll("[data-show=tools]")) place.innerHTML = toolbox(waiting);
  show("tools", true);
  show("notify", "Notification" in window && Notification.permission === "default");
  show("awake", "wakeLock" in navigator);
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", tools[button.dataset.do]);
  for (const button of document.querySelectorAll("[data-do=stay]")) button.addEventListener("pointerdown", hesitate);
  if (!waiting) return; // whoever presses « Se connecter » has a page to fetch first, and no call yet
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, prepare, { once: true });
}

