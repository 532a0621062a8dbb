extension HTMLReport {
  /// The page up to its content. The content security policy forbids the page to load anything, even if a log has put a reference into it.
  static let head = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>corrparse: global state</title>
    <style>
    :root { --back: #fff; --text: #1c2128; --faint: #656d76; --line: #d8dee4; --panel: #f6f8fa;
      --good: #1a7f37; --warn: #9a6700; --serious: #bc4c00; --bad: #cf222e; --unknown: #656d76; }
    @media (prefers-color-scheme: dark) {
      :root { --back: #0d1117; --text: #e6edf3; --faint: #8d96a0; --line: #30363d; --panel: #161b22;
        --good: #3fb950; --warn: #d29922; --serious: #db6d28; --bad: #f85149; --unknown: #8d96a0; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
    main { max-width: 1180px; margin: 0 auto; padding: 24px; }
    header { border-left: 10px solid currentColor; padding: 6px 18px; background: var(--panel); border-radius: 4px; }
    header h1 { margin: 0; font-size: 40px; letter-spacing: .02em; }
    header p { margin: 0; color: var(--faint); }
    h2 { font-size: 19px; margin: 30px 0 10px; }
    .good { color: var(--good); } .warn { color: var(--warn); } .serious { color: var(--serious); }
    .bad { color: var(--bad); } .unknown { color: var(--unknown); }
    .mark { font-weight: 600; white-space: nowrap; }
    .reasons { list-style: none; padding: 0; margin: 0; }
    .reasons li { padding: 5px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
    .steps { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(520px, 100%), 1fr)); gap: 14px 22px; }
    .steps h3 { margin: 0; font-size: 15px; } .steps dl { margin: 4px 0 0; font-size: 13.5px;
      display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 10px; }
    .steps dt { color: var(--faint); } .steps dd { margin: 0; overflow-wrap: anywhere; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
    th { text-align: left; color: var(--faint); font-weight: 600; word-break: keep-all; }
    th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    td { overflow-wrap: anywhere; min-width: 60px; }
    a { color: inherit; } .tools a { margin-right: 12px; }
    .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .name { white-space: nowrap; }
    .matrix { margin-top: 14px; }
    .matrix th:not(:first-child) { text-align: right; }
    .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); gap: 14px 22px; }
    figure { margin: 0; }
    figcaption span { color: var(--faint); font-size: 13px; }
    svg { width: 100%; height: auto; display: block; }
    svg text { fill: var(--faint); font-size: 10px; }
    .axis { stroke: var(--line); }
    .legend { list-style: none; padding: 0; margin: 14px 0 0; font-size: 13.5px; columns: 2 380px; }
    .legend li { break-inside: avoid; padding: 2px 0; } .legend span { color: var(--faint); }
    i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 7px; }
    .matrix td:first-child, .matrix th:first-child { position: sticky; left: 0; background: var(--back); }
    @media (max-width: 520px) { main { padding: 10px; } header h1 { font-size: 30px; } .legend { columns: 1; }
      .signals thead { display: none; }
      .signals tr { display: flex; flex-wrap: wrap; gap: 0 10px; padding: 5px 0; border-bottom: 1px solid var(--line); }
      .signals td { border: 0; padding: 0; min-width: 0; } .signals .reason { flex-basis: 100%; color: var(--faint); }
      td.run { min-width: 240px; } }
    footer { margin-top: 34px; color: var(--faint); font-size: 13px; }
    </style>
    </head>
    <body>
    <main>

    """
}
