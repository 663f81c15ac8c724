"use strict";
(() => {
  const root = document.documentElement;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const texts = read("texts"), words = read("words"), day = read("frames");
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const COLOURS = ["#5b6b80", "#7a4f9a", "#1f7a74", "#a8741a", "#8c3b57", "#3d6bb3", "#5d7a2c"];
  const INK = "#16181d", SOFT = "#5b626e", FAINT = "#8b929d", RULE = "#dfe2e7", WASH = "#f4f5f7";
  const BLUE = "#1d5fa8", LIGHT = "#d3e2f2", ORANGE = "#c2480a", PALE = "#fbe6d9";
  const SERVED = 0, INSIDE = 4, LISTED = 8, TENTHS = 10, EASE = 0.11;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const [START, END] = day.span, LENGTH = (END - START) * TENTHS;
  const opened = root.lang;
  let language = opened, say = words[language];

  /* ---- the day as it will be looked up ------------------------------------------------------ */

  const servers = [];
  day.stations.forEach((station, number) => station.servers.forEach((name, place) =>
    servers.push({ station: number, name, place, open: [], down: [], work: [], ...boxOf(servers.length) })));
  function boxOf(number) {
    const [left, top, wide, deep, x, y] = day.plan.servers[number];
    return { left, top, wide, deep, x, y };
  }
  for (const [server, at, length] of day.open) servers[server].open.push([at, at + length]);
  for (const [server, at, length] of day.down) servers[server].down.push([at, at + length]);

  const spot = (queue, place) => {
    const [left, top, spacing, columns] = day.plan.queues[queue];
    return [left + (place % columns + 0.5) * spacing, top + (Math.floor(place / columns) + 0.5) * spacing];
  };
  const kiosk = (place) => {
    const places = day.plan.kiosks;
    if (!places.length) return day.plan.door;
    const [x, y] = places[Math.min(place, places.length - 1)];
    return [x + 70 * Math.max(0, place - places.length + 1), y];
  };

  /* Somebody's way: from each time on they head for a place, at their speed. */
  const walked = (calls, speed) => {
    const way = [];
    let [at, x, y] = calls[0];
    way.push([at, x, y]);
    for (const [next, toX, toY] of calls.slice(1)) {
      const here = along(way, next);
      while (way.length > 1 && way.at(-1)[0] > next) way.pop();
      if (way.at(-1)[0] < next) way.push([next, ...here]);
      const last = way.at(-1);
      const far = Math.hypot(toX - last[1], toY - last[2]);
      way.push([last[0] + Math.max(1, far / speed * TENTHS), toX, toY]);
    }
    return way;
  };
  const along = (way, at) => {
    let low = 0, high = way.length - 1;
    if (at >= way[high][0]) return [way[high][1], way[high][2]];
    if (at <= way[0][0]) return [way[0][1], way[0][2]];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (way[middle][0] <= at) low = middle; else high = middle;
    }
    const a = way[low], b = way[high], share = (at - a[0]) / (b[0] - a[0]);
    return [a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
  };

  const customers = day.customers.map((row, number) => {
    const [kind, ticket, outcome, entered, drawing, staying, atKiosk, ...steps] = row;
    const { speed } = day.classes[kind], [doorX, doorY] = day.plan.door;
    const drawn = entered + drawing, left = drawn + staying;
    const calls = [[entered, doorX, doorY]], waits = [], services = [];
    let at = entered;
    if (day.plan.kiosks.length) {
      calls.push([entered, ...kiosk(atKiosk[0] || 0)]);
      for (let place = 1; place < atKiosk.length; place += 2) {
        at += atKiosk[place];
        calls.push([at, ...kiosk(atKiosk[place + 1])]);
      }
    }
    at = drawn;
    let before = 0;
    for (const [activity, server, , joining, waiting, walking, serving, places, asking, holding] of steps) {
      const queue = day.activities[activity].queue;
      const queued = at + joining, called = queued + waiting, started = called + walking;
      if (waiting > 0) {
        waits.push({ queue, from: queued, to: called, before });
        let change = queued;
        calls.push([queued, ...spot(queue, places[0] || 0)]);
        for (let place = 1; place < places.length; place += 2) {
          change += places[place];
          calls.push([change, ...spot(queue, places[place + 1])]);
        }
      }
      before += waiting;
      at = started + serving;
      if (server >= 0) {
        const asked = asking === undefined ? null : [started + asking, started + asking + holding];
        services.push({ server, from: called, to: at, asked });
        servers[server].work.push([called, at, number, asked]);
        calls.push([called, servers[server].x, servers[server].y]);
      }
    }
    const first = steps.length ? day.activities[steps[0][0]].queue : -1;
    const name = ticket ? day.queues[first].letter + String(ticket).padStart(3, "0") : "";
    if (outcome !== INSIDE) calls.push([left, doorX, doorY]);
    const way = walked(calls, speed);
    return { number, kind, name, outcome, entered, drawn, left, way, waits, services,
      until: outcome === INSIDE ? LENGTH : way.at(-1)[0], x: null, y: null, seen: -1 };
  });
  for (const server of servers) server.work.sort((a, b) => a[0] - b[0]);

  const within = (spells, at) => spells.find(([from, to]) => from <= at && at < to);
  const waitOf = (customer, at) => customer.waits.find((wait) => wait.from <= at && at < wait.to);
  const clock = (tenths, seconds) => {
    const total = Math.floor(START + tenths / TENTHS), two = (n) => String(n).padStart(2, "0");
    const text = `${two(Math.floor(total / 3600) % 24)}:${two(Math.floor(total / 60) % 60)}`;
    return seconds ? [text, two(total % 60)] : text;
  };
  const filled = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  /* ---- the plan ------------------------------------------------------------------------------ */

  const canvas = one("canvas"), pen = canvas.getContext("2d");
  const ground = document.createElement("canvas"), brush = ground.getContext("2d");
  const [WIDE, DEEP] = day.plan.size, MARGIN = 5, FOOT = 34;
  let scale = 1, ratio = 1, small = false, font = "sans-serif";
  let now = 0, playing = false, speed = 60, chosen = -1, lastDrawn = -1, lastSaid = -1, stamp = 0;

  /* On a phone a large floor is cut to the part where somebody can be. */
  let view = [0, 0, WIDE, DEEP];
  const used = () => {
    const { servers, queues, kiosks, door } = day.plan;
    const points = [...servers.flatMap(([left, top, wide, deep, x, y]) => [left, top, left + wide, top + deep, x, y]),
      ...queues.flatMap(([left, top, spacing, columns], number) => [left, top, left + spacing * columns,
        top + spacing * Math.ceil(most(number) / columns)]), ...kiosks.flat(), ...door];
    const [left, top, right, bottom] = bounds(points);
    const x = Math.max(0, left - 120), y = Math.max(0, top - 220);
    return [x, y, Math.min(WIDE, right + 120) - x, Math.min(DEEP, bottom + 160) - y];
  };
  const most = (queue) => Math.max(0, ...day.waiting[queue].filter((_, i) => i % 2));
  const place = (to) => to.setTransform(ratio, 0, 0, ratio, -view[0] * scale * ratio, -view[1] * scale * ratio);
  const px = (length) => (length + MARGIN) * scale;
  const measure = () => {
    const width = canvas.clientWidth || canvas.parentNode.clientWidth;
    ratio = Math.min(devicePixelRatio || 1, 2);
    small = width < 560;
    view = small && !day.plan.schematic ? used() : [0, 0, WIDE, DEEP];
    scale = width / (view[2] + 2 * MARGIN);
    const height = Math.round((view[3] + MARGIN + FOOT) * scale + 6);
    for (const one of [canvas, ground]) { one.width = Math.round(width * ratio); one.height = Math.round(height * ratio); }
    canvas.style.height = `${height}px`;
    font = getComputedStyle(root).fontFamily;
    paintGround();
    lastDrawn = -1;
  };
  const trace = (to, points, close) => {
    to.beginPath();
    for (let i = 0; i < points.length; i += 2) to.lineTo(px(points[i]), px(points[i + 1]));
    if (close) to.closePath();
  };
  const box = (to, left, top, wide, deep, radius) => {
    to.beginPath();
    to.roundRect(px(left), px(top), wide * scale, deep * scale, radius);
  };
  const write = (to, text, x, y, size, colour, weight = 400, align = "center") => {
    to.font = `${weight} ${size}px ${font}`;
    to.fillStyle = colour; to.textAlign = align; to.textBaseline = "middle";
    to.fillText(text, x, y);
  };
  const bounds = (points) => {
    const xs = points.filter((_, i) => i % 2 === 0), ys = points.filter((_, i) => i % 2);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  };

  function paintGround() {
    const to = brush;
    to.setTransform(ratio, 0, 0, ratio, 0, 0);
    to.clearRect(0, 0, ground.width, ground.height);
    to.fillStyle = "#fff"; to.fillRect(0, 0, ground.width, ground.height);
    place(to);
    box(to, 0, 0, WIDE, DEEP, 4); to.fillStyle = "#fbfbfc"; to.fill();
    for (const zone of day.plan.zones) {
      trace(to, zone.points, true);
      to.fillStyle = zone.kind === "waiting" ? "#f1f4f8" : zone.kind === "back_office" ? "#eceef1" : WASH;
      to.fill();
      if (!day.plan.schematic) { to.strokeStyle = "#fff"; to.lineWidth = 2; to.stroke(); }
    }
    for (const zone of day.plan.zones) nameZone(to, zone);
    for (const thing of day.plan.things) paintThing(to, thing);
    if (!day.plan.things.some((thing) => thing.kind === "wall" && thing.points.length > 6)) {
      box(to, 0, 0, WIDE, DEEP, 3); to.strokeStyle = "#b4bbc5"; to.lineWidth = 2; to.stroke();
    }
    paintDoor(to);
    for (const [x, y] of day.plan.kiosks) paintKiosk(to, x, y);
    day.queues.forEach((queue, number) => paintSeats(to, queue, number));
    nameStations(to);
  }
  function nameZone(to, zone) {
    let [left, top, right, bottom] = bounds(zone.points);
    left = Math.max(left, view[0]); right = Math.min(right, view[0] + view[2]);
    top = Math.max(top, view[1]); bottom = Math.min(bottom, view[1] + view[3]);
    const text = say.zones[zone.kind] || zone.label || "", size = small ? 9.5 : 11.5;
    to.font = `400 ${size}px ${font}`;
    if (to.measureText(text).width + 8 > (right - left) * scale || (bottom - top) * scale < size * 1.6) return;
    const sketch = day.plan.schematic;
    if (sketch && (zone.kind === "smart_counter" || (small && zone.kind === "back_office"))) return;
    if (sketch && zone.kind === "back_office") write(to, text, px(left) + 8, px(top) + size, size, FAINT, 400, "left");
    else write(to, text, px(right) - 7, px(bottom) - size * 0.9, size, FAINT, 400, "right");
  }
  function paintThing(to, thing) {
    if (thing.kind === "door") return;
    if (thing.kind === "wall" || thing.points.length === 4) {
      trace(to, thing.points, false);
      to.strokeStyle = "#b4bbc5"; to.lineWidth = 2; to.lineJoin = "round"; to.stroke();
      return;
    }
    trace(to, thing.points, thing.points.length > 4);
    to.fillStyle = "#fff"; to.fill();
    to.strokeStyle = RULE; to.lineWidth = 1; to.stroke();
  }
  function paintDoor(to) {
    const [x, y] = day.plan.door;
    to.strokeStyle = "#fff"; to.lineWidth = 4;
    const edge = y > DEEP / 2 ? DEEP : 0;
    to.beginPath(); to.moveTo(px(x - 75), px(edge)); to.lineTo(px(x + 75), px(edge)); to.stroke();
    to.fillStyle = SOFT;
    const tip = px(edge) + (edge ? 3 : -3), base = tip + (edge ? 7 : -7);
    to.beginPath(); to.moveTo(px(x), tip); to.lineTo(px(x) - 5, base); to.lineTo(px(x) + 5, base); to.fill();
  }
  function paintKiosk(to, x, y) {
    box(to, x - 22, y + 38, 44, 30, 2);
    to.fillStyle = "#fff"; to.fill(); to.strokeStyle = "#a9b4c2"; to.lineWidth = 1; to.stroke();
  }
  function paintSeats(to, queue, number) {
    const [left, top, spacing, columns] = day.plan.queues[number];
    const seats = Math.max(Math.ceil(most(number) / columns), 1) * columns;
    to.fillStyle = "#d9dee6";
    for (let place = 0; place < seats; place++) {
      const [x, y] = spot(number, place);
      to.beginPath(); to.arc(px(x), px(y), small ? 1.2 : 1.8, 0, 2 * Math.PI); to.fill();
    }
    const size = small ? 9.5 : 11.5, long = `${queue.letter} · ${say.queues[number]}`;
    to.font = `400 ${size}px ${font}`;
    const text = small || to.measureText(long).width > columns * spacing * scale ? queue.letter : long;
    if (spacing * scale > 9) write(to, text, px(left + spacing / 2) - (small ? 3 : 5), px(top) - size * 0.3, size, SOFT, 400, "left");
  }
  function nameStations(to) {
    const size = small ? 9.5 : 11.5;
    if (day.plan.kiosks.length && day.plan.schematic && !small) {
      const [x, y] = day.plan.kiosks[0];
      write(to, say.tickets, px(x - 22), px(y + 68) + size * 0.85, size, FAINT, 400, "left");
    }
    if (!day.plan.schematic) return;
    day.stations.forEach((station, number) => {
      const mine = servers.filter((server) => server.station === number);
      if (!mine.length) return;
      const left = Math.min(...mine.map((s) => s.left)), right = Math.max(...mine.map((s) => s.left + s.wide));
      const below = mine[0].y < mine[0].top, edge = mine[0].top + (below ? mine[0].deep : 0);
      const room = (right - left + 36) * scale;
      let shown = size;
      to.font = `400 ${shown}px ${font}`;
      const long = to.measureText(say.stations[number]).width;
      if (long > room) shown = Math.max(7.5, size * room / long);
      write(to, say.stations[number], px((left + right) / 2), px(edge) + (below ? 48 : -92) * scale, shown, SOFT);
    });
  }

  /* ---- a moment of the day -------------------------------------------------------------------- */

  function paint(at, passed) {
    const to = pen;
    to.setTransform(ratio, 0, 0, ratio, 0, 0);
    to.drawImage(ground, 0, 0, ground.width / ratio, ground.height / ratio);
    place(to);
    for (const server of servers) paintServer(to, server, at);
    const ease = still.matches || passed <= 0 ? 1 : 1 - Math.exp(-passed / EASE);
    const radius = Math.min(Math.max(24 * scale, small ? 3.6 : 4.5), 9);
    let marked = null;
    for (const customer of customers) {
      if (at < customer.entered || at > customer.until) { customer.seen = -1; continue; }
      const [x, y] = along(customer.way, at);
      if (customer.seen < 0) { [customer.x, customer.y] = [x, y]; customer.seen = 0; }
      customer.x += (x - customer.x) * ease; customer.y += (y - customer.y) * ease;
      customer.seen = Math.min(1, still.matches || passed <= 0 ? 1 : customer.seen + passed / 0.25);
      paintCustomer(to, customer, at, radius);
      if (customer.number === chosen) marked = customer;
    }
    to.globalAlpha = 1;
    if (marked) label(to, marked, radius);
    lastDrawn = at;
  }
  function paintServer(to, server, at) {
    const { left, top, wide, deep } = server;
    const broken = within(server.down, at), work = within(server.work, at);
    const open = broken || work || within(server.open, at);
    const radius = Math.min(4, deep * scale / 3);
    box(to, left, top, wide, deep, radius);
    to.setLineDash(open ? [] : [3, 3]);
    to.lineWidth = 1;
    to.fillStyle = broken ? PALE : work ? BLUE : open ? LIGHT : "#fff";
    to.strokeStyle = broken ? ORANGE : open ? BLUE : "#b4bbc5";
    to.fill(); to.stroke(); to.setLineDash([]);
    const size = Math.min(12, Math.max(7.5, deep * scale * 0.62));
    const x = px(left + wide / 2), y = px(top + deep / 2);
    const text = server.name.length <= 4 ? server.name : String(server.place + 1);
    if (broken) {
      const arm = size * 0.3;
      to.strokeStyle = ORANGE; to.lineWidth = 1.8; to.lineCap = "round";
      to.beginPath(); to.moveTo(x - arm, y - arm); to.lineTo(x + arm, y + arm);
      to.moveTo(x + arm, y - arm); to.lineTo(x - arm, y + arm); to.stroke();
    } else write(to, text, x, y + 0.5, size, work ? "#fff" : open ? BLUE : FAINT, 600);
    const manned = !["smart_counter", "atm"].includes(day.stations[server.station].kind);
    if (open && manned && !small) {
      const across = left + wide / 2, down = top + deep / 2, reach = 0.9;
      to.beginPath(); to.arc(px(across - (server.x - across) * reach), px(down - (server.y - down) * reach + (server.y > down ? 16 : -16)), 19 * scale, 0, 2 * Math.PI);
      to.fillStyle = "#aab2be"; to.fill();
    }
    if (work && work[3] && work[3][0] <= at && at < work[3][1]) {
      const high = px(top) - 1, side = px(left + wide) + 1, arm = small ? 3.4 : 4.6;
      to.beginPath(); to.moveTo(side, high - arm); to.lineTo(side + arm, high); to.lineTo(side, high + arm); to.lineTo(side - arm, high);
      to.closePath(); to.fillStyle = "#fff"; to.fill(); to.strokeStyle = INK; to.lineWidth = 1.4; to.stroke();
    }
  }
  function paintCustomer(to, customer, at, radius) {
    const x = px(customer.x), y = px(customer.y), colour = COLOURS[customer.kind % COLOURS.length];
    const leaving = at >= customer.left, unserved = leaving && customer.outcome !== SERVED;
    to.globalAlpha = (leaving ? Math.max(0.35, 1 - (at - customer.left) / (customer.until - customer.left + 1)) : 1) * Math.max(customer.seen, 0.05);
    to.beginPath(); to.arc(x, y, unserved ? radius - 0.8 : radius, 0, 2 * Math.PI);
    if (unserved) { to.fillStyle = "#fff"; to.fill(); to.strokeStyle = colour; to.lineWidth = 1.8; to.stroke(); }
    else { to.fillStyle = colour; to.fill(); }
    if (day.classes[customer.kind].elderly) {
      to.beginPath(); to.arc(x, y, radius * 0.4, 0, 2 * Math.PI);
      to.fillStyle = unserved ? colour : "#fff"; to.fill();
    }
    const wait = leaving ? null : waitOf(customer, at);
    if (!wait) return;
    const share = (wait.before + at - wait.from) / (day.standard * TENTHS), late = share > 1;
    to.lineWidth = late ? 2.2 : 1.6; to.lineCap = "butt";
    to.strokeStyle = late ? ORANGE : colour;
    to.beginPath(); to.arc(x, y, radius + 2.6, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(share, 1)); to.stroke();
  }
  function label(to, customer, radius) {
    const x = px(customer.x), y = px(customer.y), text = customer.name || say.classes[customer.kind];
    to.font = `600 12px ${font}`;
    const wide = to.measureText(text).width + 12, above = y - radius - 28 > view[1] * scale ? -1 : 1;
    const edge = view[0] * scale + 2, left = Math.min(Math.max(x - wide / 2, edge), edge + canvas.clientWidth - wide - 4);
    const middle = y + above * (radius + 18);
    to.beginPath(); to.roundRect(left, middle - 10, wide, 20, 4); to.fillStyle = INK; to.fill();
    to.beginPath(); to.arc(x, y, radius + 5, 0, 2 * Math.PI); to.strokeStyle = INK; to.lineWidth = 1.4; to.stroke();
    write(to, text, left + wide / 2, middle + 0.5, 12, "#fff", 600);
  }

  /* ---- words and numbers beside it ------------------------------------------------------------- */

  const list = one(".longest"), nobody = one(".nobody"), slider = one(".seek input"), head = one(".playhead");
  const counts = new Map(all("[data-count]").map((node) => [node.dataset.count, node]));
  const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const rows = Array.from({ length: LISTED }, () => {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.innerHTML = '<i class="dot"></i><b></b><span class="who"></span><span class="wait"></span><span class="far"><i></i></span>';
    item.append(button);
    const [dot, name, who, wait, far] = button.children;
    button.addEventListener("click", () => choose(+button.dataset.customer));
    return { item, button, dot, name, who, wait, far: far.firstChild };
  });
  list.append(...rows.map((row) => row.item));

  function tell(at) {
    const waiting = [];
    let served = 0, lost = 0;
    for (const customer of customers) {
      if (at < customer.entered) continue;
      if (at >= customer.left) { lost += customer.outcome !== SERVED && customer.outcome !== INSIDE; continue; }
      const wait = waitOf(customer, at);
      if (wait) waiting.push([wait.before + at - wait.from, customer]);
      else served += customer.services.some((service) => service.from <= at && at < service.to);
    }
    waiting.sort((a, b) => b[0] - a[0] || a[1].number - b[1].number);
    set(counts.get("waiting"), String(waiting.length));
    set(counts.get("served"), String(served));
    set(counts.get("lost"), String(lost));
    nobody.hidden = waiting.length > 0;
    rows.forEach((row, place) => {
      row.item.hidden = place >= waiting.length;
      if (row.item.hidden) return;
      const [wait, customer] = waiting[place], { elderly } = day.classes[customer.kind];
      row.button.dataset.customer = customer.number;
      row.button.setAttribute("aria-pressed", String(customer.number === chosen));
      row.item.className = wait > day.standard * TENTHS ? "late" : "";
      row.dot.className = elderly ? "dot old" : "dot";
      row.dot.style.background = COLOURS[customer.kind % COLOURS.length];
      const kind = say.classes[customer.kind];
      set(row.name, customer.name);
      set(row.who, elderly && kind !== say.elderly ? `${kind} · ${say.elderly}` : kind);
      set(row.wait, filled(say.minutes, { n: Math.floor(wait / 600) }));
      row.far.style.width = `${Math.min(100, 100 * wait / (day.standard * TENTHS))}%`;
    });
    slider.setAttribute("aria-valuetext", filled(say.moment, { clock: clock(at), waiting: waiting.length, served }));
    lastSaid = at;
  }
  const time = one(".time"), seconds = document.createElement("small");
  time.textContent = ""; time.append("", seconds);
  function point(at) {
    const [minutes, rest] = clock(at, true);
    if (time.firstChild.data !== minutes) time.firstChild.data = minutes;
    set(seconds, `:${rest}`);
    head.style.left = `${100 * at / LENGTH}%`;
    slider.value = String(Math.round(at / TENTHS));
  }

  /* ---- playing ------------------------------------------------------------------------------- */

  let told = 0;
  function frame(moment) {
    const passed = Math.min((moment - stamp) / 1000, 0.1);
    stamp = moment;
    if (playing) {
      now = Math.min(LENGTH, now + passed * TENTHS * speed);
      if (now >= LENGTH) halt();
    }
    const due = still.matches ? moment - told > 900 : true;
    if (due && (now !== lastDrawn || settling > 0)) {
      settling = playing ? 0.6 : settling - passed;
      paint(now, passed);
      if (now !== lastDrawn || !still.matches) point(now);
    }
    if (now !== lastSaid && (moment - told > (still.matches ? 900 : 160))) { tell(now); told = moment; }
    if (playing || settling > 0) requestAnimationFrame(frame); else { running = false; tell(now); point(now); }
  }
  let running = false, settling = 0;
  const wake = () => {
    if (running) return;
    running = true; stamp = performance.now();
    requestAnimationFrame(frame);
  };
  const showNow = () => { told = 0; lastDrawn = -1; paint(now, 0); point(now); tell(now); };
  const halt = () => { playing = false; root.classList.remove("is-playing"); one(".run").setAttribute("aria-pressed", "false"); remember(); };
  const run = () => {
    if (playing) { halt(); return; }
    if (now >= LENGTH) now = 0;
    playing = true; root.classList.add("is-playing"); one(".run").setAttribute("aria-pressed", "true");
    wake();
  };
  const seek = (at) => {
    const next = Math.max(0, Math.min(LENGTH, at)), far = Math.abs(next - now) > 1200;
    now = next;
    if (far || still.matches) for (const customer of customers) customer.seen = -1;
    if (far || still.matches || playing) showNow(); else { settling = 0.6; wake(); }
    if (!playing) remember();
  };
  const pace = (wanted) => {
    speed = wanted;
    for (const button of all("[data-speed]")) button.setAttribute("aria-pressed", String(+button.dataset.speed === speed));
  };
  const paces = all("[data-speed]").map((button) => +button.dataset.speed);
  const choose = (number) => { chosen = chosen === number ? -1 : number; lastSaid = -1; showNow(); };

  one(".run").addEventListener("click", run);
  for (const button of all("[data-speed]")) button.addEventListener("click", () => pace(+button.dataset.speed));
  slider.addEventListener("input", () => seek(+slider.value * TENTHS));
  canvas.addEventListener("click", (event) => {
    const near = customers.filter((c) => c.seen >= 0 && now >= c.entered && now <= c.until)
      .map((c) => [Math.hypot(px(c.x) - view[0] * scale - event.offsetX, px(c.y) - view[1] * scale - event.offsetY), c.number])
      .sort((a, b) => a[0] - b[0])[0];
    if (near && near[0] < 16) choose(near[1]); else if (chosen >= 0) choose(chosen);
  });
  for (const lane of all(".timeline .lane:not(.seek)")) {
    const drag = (event) => {
      const { left, width } = lane.getBoundingClientRect();
      seek(LENGTH * (event.clientX - left) / width);
    };
    lane.addEventListener("pointerdown", (event) => { lane.setPointerCapture(event.pointerId); drag(event); });
    lane.addEventListener("pointermove", (event) => { if (lane.hasPointerCapture(event.pointerId)) drag(event); });
  }
  addEventListener("keydown", (event) => {
    const tag = event.target.tagName, control = tag === "BUTTON" || tag === "INPUT";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: -600, ArrowRight: 600, PageDown: -9000, PageUp: 9000 }[event.key];
    const faster = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === " " && tag !== "BUTTON") run();
    else if (step) seek(now + step * (event.shiftKey ? 15 : 1));
    else if (faster && !control) pace(paces[Math.max(0, Math.min(paces.length - 1, paces.indexOf(speed) + faster))]);
    else if (event.key === "Home") seek(0);
    else if (event.key === "End") seek(LENGTH);
    else return;
    event.preventDefault();
  });

  /* ---- languages and the address ------------------------------------------------------------ */

  const speak = (wanted) => {
    if (!texts[wanted]) return;
    if (wanted !== root.lang) {
      for (const node of all("[data-t]")) node.textContent = texts[wanted][+node.dataset.t];
      for (const node of all("[data-a]")) {
        for (const pair of node.dataset.a.split(" ")) {
          const [name, number] = pair.split(":");
          node.setAttribute(name, texts[wanted][+number]);
        }
      }
    }
    language = root.lang = wanted; say = words[wanted];
    for (const button of all("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === wanted));
    measure(); showNow();
  };
  const remember = () => {
    const parts = [`t=${clock(now)}`, ...(language === opened ? [] : [`lang=${language}`])];
    history.replaceState(null, "", "#" + parts.join(";"));
  };
  const follow = () => {
    const asked = Object.fromEntries(location.hash.slice(1).split(";").map((part) => part.split("=")));
    const [hours, minutes] = (asked.t || "").split(":").map(Number);
    if (Number.isFinite(hours) && Number.isFinite(minutes)) {
      now = Math.max(0, Math.min(LENGTH, (hours * 3600 + minutes * 60 - START) * TENTHS));
      for (const customer of customers) customer.seen = -1;
    }
    speak(texts[asked.lang] ? asked.lang : language);
    return Boolean(asked.t);
  };
  for (const button of all("[data-lang]")) button.addEventListener("click", () => { speak(button.dataset.lang); remember(); });
  addEventListener("hashchange", follow);
  for (const dot of all("[data-class]")) {
    dot.style.background = COLOURS[+dot.dataset.class % COLOURS.length];
    dot.classList.toggle("old", day.classes[+dot.dataset.class].elderly);
  }
  new ResizeObserver(() => { measure(); showNow(); }).observe(canvas.parentNode);
  pace(60);
  if (!follow() && !still.matches) run();
})();
