/** The look of the bell; a host changes it by --belfry-* and ::part(). */
export const style = `
:host { --bg: var(--belfry-background, #fff); --fg: var(--belfry-color, #1f1f1f); --dim: var(--belfry-dim, #5c5c5c); --line: var(--belfry-border, #d9d9d9);
  --link: var(--belfry-link, #0958d9); --hover: var(--belfry-hover, #f5f5f5); --badge: var(--belfry-badge, #cf1322);
  position: relative; display: inline-block; font: 14px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
:host([data-dark]) { --bg: var(--belfry-background, #1f1f1f); --fg: var(--belfry-color, #e6e6e6); --dim: var(--belfry-dim, #adadad); --line: var(--belfry-border, #434343);
  --link: var(--belfry-link, #69a9f2); --hover: var(--belfry-hover, #2c2c2c); }
* { box-sizing: border-box; }
button, a { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: start; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.bell { position: relative; display: grid; place-items: center; width: 36px; height: 32px; border-radius: 4px; color: inherit; }
.bell.lost { color: var(--dim); opacity: .7; }
.number { position: absolute; top: -2px; left: 18px; min-width: 18px; padding: 0 4px; border-radius: 9px; background: var(--badge); color: #fff; font-size: 11px; line-height: 18px; text-align: center; }
.panel { position: fixed; z-index: 1000; width: min(380px, 100vw - 16px); max-height: min(560px, 100vh - 64px); display: flex; flex-direction: column; background: var(--bg); color: var(--fg);
  border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 8px 24px rgb(0 0 0 / .18); }
.panel[hidden] { display: none; }
.row, .head, .foot { display: flex; align-items: center; gap: 8px; padding: 8px 12px; }
.head { border-bottom: 1px solid var(--line); }
.foot { border-top: 1px solid var(--line); justify-content: space-between; flex-wrap: wrap; }
.foot a, .foot button, .head button { min-height: 24px; }
.foot a, .all { color: var(--link); }
.tab { padding: 2px 8px; border-radius: 4px; color: var(--dim); }
.tab[aria-pressed=true] { color: var(--link); font-weight: 600; }
.close { margin-left: auto; display: grid; place-items: center; width: 24px; }
ul { list-style: none; margin: 0; padding: 0; overflow-y: auto; flex: 1; }
li { display: flex; align-items: start; gap: 8px; padding: 8px 12px; border-bottom: 1px solid var(--line); }
li:hover { background: var(--hover); }
li button.open { flex: 1; min-width: 0; overflow-wrap: anywhere; min-height: 24px; }
li.unread button.open span { font-weight: 600; }
li.critical .open::before, li.warning .open::before { content: "! "; color: var(--badge); font-weight: 700; }
time { display: block; color: var(--dim); font-size: 12px; }
.mark { color: var(--link); font-size: 12px; min-height: 24px; flex: none; }
.note { padding: 24px 12px; text-align: center; color: var(--dim); margin: 0; }
.toast { position: fixed; z-index: 1001; right: 16px; bottom: 16px; width: min(340px, 100vw - 32px); padding: 12px; background: var(--bg); color: var(--fg); border: 1px solid var(--line); border-left: 4px solid var(--link); border-radius: 6px; box-shadow: 0 8px 24px rgb(0 0 0 / .18); }
.toast.critical { border-left-color: var(--badge); }
@media (max-width: 479px) { .panel { left: 0 !important; right: 0; top: 0 !important; width: 100vw; height: 100vh; max-height: none; border-radius: 0; } }
`;
