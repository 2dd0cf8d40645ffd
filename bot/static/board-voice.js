/* The board's voice: a chime and the clips of a call, one call after the other, never two at once. */

window.sapaVoice = function (button) {
  "use strict";

  var Context = window.AudioContext || window.webkitAudioContext;
  var REMEMBERED = "sapa-suara";
  var MOST_WAITING = 8;
  var MOST_CLIPS_KEPT = 60;
  var FETCH_WITHIN_MS = 5000;
  var BETWEEN_PARTS_S = 0.06;
  var BETWEEN_CALLS_MS = 700;
  var RESUME_WITHIN_MS = 1000;
  var CHIME = [[0, 659.26], [0.35, 523.25]];
  var CHIME_S = 1.1;

  var wanted = false;
  var context = null;
  var waiting = [];
  var isSpeaking = false;
  var clips = {};
  var order = [];

  if (!Context || !button) { return { say: function () {} }; }
  if (/[?&]suara=1(&|$)/.test(window.location.search)) { remember(true); }
  button.addEventListener("click", function () {
    if (isOn()) { remember(false); waiting = []; draw(); } else { remember(true); wake().then(draw, draw); }
  });
  if (isWanted()) { wake().then(draw, draw); } else { draw(); }

  return { say: say };

  function say(call) {
    if (!isWanted()) { return; }
    waiting.push(call);
    if (waiting.length > MOST_WAITING) { waiting.shift(); }
    speakNext();
  }

  function speakNext() {
    if (isSpeaking || !waiting.length) { return; }
    isSpeaking = true;
    var call = waiting.shift();
    wake()
      .then(function () { return Promise.all(call.clips.map(load)); })
      .then(null, function () { return []; }) /* half a call misleads: then the chime alone */
      .then(function (parts) { return isOn() ? play(parts) : null; })
      .then(null, function () { return null; })
      .then(function () {
        draw();
        window.setTimeout(function () { isSpeaking = false; speakNext(); }, BETWEEN_CALLS_MS);
      });
  }

  /* Ends when the last part has sounded; by the clock as well, should the sound device have gone to sleep. */
  function play(parts) {
    var at = context.currentTime + 0.05;
    var begun = at;
    ring(at);
    at += CHIME_S;
    parts.forEach(function (part) {
      var source = context.createBufferSource();
      source.buffer = part;
      source.connect(context.destination);
      source.start(at);
      at += part.duration + BETWEEN_PARTS_S;
    });
    return later((at - begun) * 1000 + 100);
  }

  function ring(at) {
    CHIME.forEach(function (tone) {
      var bell = context.createOscillator();
      var loudness = context.createGain();
      bell.frequency.value = tone[1];
      loudness.gain.setValueAtTime(0.0001, at + tone[0]);
      loudness.gain.exponentialRampToValueAtTime(0.5, at + tone[0] + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + tone[0] + 0.7);
      bell.connect(loudness);
      loudness.connect(context.destination);
      bell.start(at + tone[0]);
      bell.stop(at + tone[0] + 0.75);
    });
  }

  function load(address) {
    if (clips[address]) { return Promise.resolve(clips[address]); }
    return fetchBytes(address)
      .then(function (bytes) {
        return new Promise(function (done, fail) { context.decodeAudioData(bytes, done, fail); });
      })
      .then(function (sound) { keep(address, sound); return sound; });
  }

  function fetchBytes(address) {
    return new Promise(function (done, fail) {
      var request = new XMLHttpRequest();
      request.open("GET", address);
      request.responseType = "arraybuffer";
      request.timeout = FETCH_WITHIN_MS;
      request.onloadend = function () {
        if (request.status === 200) { done(request.response); } else { fail(new Error(address)); }
      };
      request.send();
    });
  }

  function keep(address, sound) {
    if (!clips[address]) { order.push(address); }
    clips[address] = sound;
    if (order.length > MOST_CLIPS_KEPT) { delete clips[order.shift()]; }
  }

  /* A browser lets no page sound before somebody touched it, unless it was started so (docs/admin.md). */
  function wake() {
    if (!context) {
      context = new Context();
      context.onstatechange = draw;
    }
    if (context.state === "running") { return Promise.resolve(); }
    return Promise.race([Promise.resolve(context.resume()), later(RESUME_WITHIN_MS)]);
  }

  function later(ms) {
    return new Promise(function (done) { window.setTimeout(done, ms); });
  }

  function isOn() {
    return isWanted() && context !== null && context.state === "running";
  }

  function draw() {
    var on = isOn();
    button.hidden = false;
    button.textContent = on ? "Matikan suara" : "Hidupkan suara";
    button.className = on ? "sound on" : "sound";
  }

  function isWanted() {
    try { return window.localStorage.getItem(REMEMBERED) === "1"; } catch (refused) { return wanted; }
  }

  function remember(wish) {
    wanted = wish;
    try { window.localStorage.setItem(REMEMBERED, wish ? "1" : "0"); } catch (refused) { /* this page only */ }
  }
};
