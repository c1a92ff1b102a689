function () {
  "use strict";
  var found = [];
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function say(what, element) {
    var text = what + (element ? ": " + element.outerHTML.slice(0, 120) : "");
    if (found.indexOf(text) < 0 && found.length < 40) found.push(text);
  }
  function named(element) {
    var by = element.getAttribute("aria-labelledby");
    return element.getAttribute("aria-label") || by && document.getElementById(by) && document.getElementById(by).textContent.trim() || element.textContent.trim();
  }
  function shown(element) { return element.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}); }

  // The document, its landmarks and headings.
  if (!document.documentElement.lang) say("no language");
  if (!document.title.trim()) say("no title");
  if (all("h1").length !== 1) say(all("h1").length + " headings of the first level");
  if (all("main").length !== 1) say(all("main").length + " main landmarks");
  var level = 0;
  all("h1,h2,h3,h4,h5,h6").forEach(function (h) {
    var n = Number(h.tagName[1]);
    if (n > level + 1) say("heading skips from " + level + " to " + n, h);
    if (!h.textContent.trim()) say("empty heading", h);
    level = n;
  });

  // Names of everything that can be used or looked at.
  all("input,select,textarea").forEach(function (e) { if (!(e.labels && e.labels.length) && !e.getAttribute("aria-label")) say("no label", e); });
  all("a[href],button,summary,nav,form,[role=region],[role=img],section").forEach(function (e) { if (!named(e)) say("no name", e); });
  all("svg").forEach(function (e) {
    var words = e.getAttribute("aria-hidden") === "true" || e.getAttribute("role") === "img" || e.querySelector("text");
    if (!words) say("picture without words", e);
  });
  all("th").forEach(function (e) { if (!e.scope) say("header cell without scope", e); });
  all("table").forEach(function (e) { if (!e.querySelector("th")) say("table without headers", e); });
  all("ul,ol").forEach(function (e) { Array.prototype.forEach.call(e.children, function (c) { if (c.tagName !== "LI") say("list holds something else", c); }); });
  all("[aria-hidden=true]").forEach(function (e) { if (e.querySelector("a,button,input,select,[tabindex]")) say("hidden from readers, yet to be reached", e); });
  var ids = {};
  all("[id]").forEach(function (e) { if (ids[e.id]) say("two elements of one id", e); ids[e.id] = true; });
  all("[aria-labelledby]").forEach(function (e) { if (!ids[e.getAttribute("aria-labelledby")]) say("label is missing", e); });
  all('a[href^="#"]').forEach(function (e) { if (!ids[e.getAttribute("href").slice(1)]) say("link leads nowhere", e); });

  // A column must not be squeezed to a letter or two.
  all("td,th,dd,li,p,span").forEach(function (e) {
    var w = e.clientWidth, h = e.clientHeight, n = e.textContent.trim().length;
    if (shown(e) && w > 0 && (n > 20 && w < 40 && h > 200 || n > 5 && w < 24 && h > 60)) say("squeezed to " + e.clientWidth + " by " + e.clientHeight, e);
  });

  // What scrolls must be reachable by keyboard; the page itself must not scroll sideways.
  all("div,pre,table").forEach(function (e) {
    if (shown(e) && e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX) && e.tabIndex < 0) say("scrolls, but not by keyboard", e);
  });
  if (document.documentElement.scrollWidth > innerWidth + 1) {
    all("main *").some(function (e) {
      if (e.getBoundingClientRect().right <= innerWidth + 1 || !shown(e) || e.closest(".scroll,pre")) return false;
      say("broader than the window by " + Math.round(e.getBoundingClientRect().right - innerWidth), e);
      return true;
    });
  }

  // Contrast of text against what is behind it.
  function rgba(text) {
    var n = text.match(/[\d.]+/g).map(Number);
    return [n[0], n[1], n[2], n.length > 3 ? n[3] : 1];
  }
  function over(top, under) { return [0, 1, 2].map(function (i) { return top[i] * top[3] + under[i] * (1 - top[3]); }).concat(1); }
  function behind(element) {
    var layers = [];
    for (var e = element; e; e = e.parentElement) {
      var c = rgba(getComputedStyle(e).backgroundColor);
      layers.unshift(c);
      if (c[3] === 1) break;
    }
    return layers.reduce(function (under, top) { return over(top, under); }, [255, 255, 255, 1]);
  }
  function light(c) {
    var v = [0, 1, 2].map(function (i) { var x = c[i] / 255; return x <= 0.04045 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4); });
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
  }
  function ratio(a, b) { var x = light(a), y = light(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); }
  var walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = 0;
  for (var node = walker.nextNode(); node && seen < 6000; node = walker.nextNode()) {
    var e = node.parentElement;
    if (!node.textContent.trim() || e.closest("script,style,option") || !shown(e)) continue;
    seen++;
    var style = getComputedStyle(e);
    if (style.clipPath !== "none") continue;
    var under = behind(e), ink = over(rgba(e.closest("svg") ? style.fill : style.color), under), size = parseFloat(style.fontSize);
    var large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
    var r = ratio(ink, under);
    if (r < (large ? 3 : 4.5)) say("contrast " + r.toFixed(2) + " of " + style.color + " on " + under.slice(0, 3).join(","), e);
  }
  if (seen === 0) say("no text to be seen");
  return found;
}
