import LogModel

/// A row of a list for people. Its values are known by the names that the views of the database have for them, whatever the row comes from.
public protocol ListedRow: Sendable {
  /// The text of a value; nil where the row has none of that name or it is absent.
  func text(_ name: String) -> String?
}

/// A column of a table for people.
public struct TableColumn: Sendable {
  /// What a cell does that is wider than its column.
  public enum Excess: Sendable {
    /// It keeps its beginning.
    case cut
    /// It keeps its end, as paths do.
    case keepEnd
    /// It keeps its beginning and its end, as names do of which either tells one from another.
    case keepEnds
  }

  /// What stands above the column.
  public let title: String
  /// The width that the column needs; a flexible one gets more where there is room.
  let width: Int
  /// The column is left out before those of a lower number; 0 stays.
  let priority: Int
  let isNumeric: Bool
  /// The name of the value that rows are sorted by where somebody names the column; nil where they cannot be.
  let sortName: String?
  /// A greater width that the column gets before columns of higher priority numbers are chosen; nil: it grows with what is left alone.
  let ample: (width: Int, priority: Int)?
  /// The width up to which the column grows.
  let mostWidth: Int
  let excess: Excess
  /// The text of a cell, given the room that it has; nil: as much as it wants.
  let value: @Sendable (any ListedRow, Int?) -> String

  /// A column of which each cell is made from the row and the room that there is.
  public init(
    _ title: String, width: Int, priority: Int, isNumeric: Bool = false,
    ample: (width: Int, priority: Int)? = nil,
    upTo mostWidth: Int? = nil, excess: Excess = .cut, sortedBy sortName: String? = nil,
    value: @escaping @Sendable (any ListedRow, Int?) -> String
  ) {
    self.title = title
    self.sortName = sortName
    self.width = max(width, title.count)
    self.priority = priority
    self.isNumeric = isNumeric
    self.ample = ample
    self.mostWidth = max(mostWidth ?? 0, self.width)
    self.excess = excess
    self.value = value
  }

  /// A column of one value by name; `-` where it is absent.
  public init(
    _ title: String, _ name: String, width: Int, priority: Int, isNumeric: Bool = false,
    upTo mostWidth: Int? = nil, excess: Excess = .cut
  ) {
    self.init(
      title, width: width, priority: priority, isNumeric: isNumeric, upTo: mostWidth, excess: excess,
      sortedBy: name
    ) { row, _ in row.text(name) ?? "-" }
  }
}

/// A table of columns that fit a terminal. Widths are fixed before the first row, because a row is printed as soon as it is known.
public struct TableLayout: Sendable {
  private static let gap = 2

  private let columns: [TableColumn]
  private let widths: [Int]
  /// The titles of the columns for which there is no room.
  public let leftOut: [String]
  /// Whether the table has to fit a terminal.
  private let isBound: Bool

  /// The columns that fit into a width, in their order: those of low priority numbers first. Nil: all of them, and nothing is cut.
  public init(_ all: [TableColumn], width: Int?) {
    isBound = width != nil
    guard let width else {
      columns = all
      // Nothing folds a file or a pipe, so cells of every usual width stand below their titles.
      widths = all.map(\.mostWidth)
      leftOut = []
      return
    }
    /// The widths of the columns that are chosen.
    var chosen: [Int: Int] = [:]
    var used = -Self.gap
    for wish in Self.wishes(of: all) {
      let more = wish.width - (chosen[wish.index] ?? -Self.gap)
      guard used + more <= width || wish.priority == 0 else { continue }
      chosen[wish.index] = wish.width
      used += more
    }
    let kept = all.indices.filter { chosen[$0] != nil }
    columns = kept.map { all[$0] }
    leftOut = all.indices.filter { chosen[$0] == nil }.map { all[$0].title }
    widths = Self.grown(columns, from: kept.compactMap { chosen[$0] }, by: width - used)
  }

  /// The widths that columns ask for, in the order in which they get them.
  private static func wishes(of all: [TableColumn]) -> [(priority: Int, index: Int, width: Int)] {
    var wishes: [(priority: Int, index: Int, width: Int)] = []
    for (index, column) in all.enumerated() {
      wishes.append((column.priority, index, column.width))
      if let ample = column.ample { wishes.append((ample.priority, index, ample.width)) }
    }
    return wishes.sorted { ($0.priority, $0.index) < ($1.priority, $1.index) }
  }

  /// The widths of columns that share the room that is left. Where there is too little, the widest ones give up what is missing.
  private static func grown(_ columns: [TableColumn], from widths: [Int], by room: Int) -> [Int] {
    var (widths, room) = (widths, room)
    while room > 0,
      let index = columns.indices.filter({ widths[$0] < columns[$0].mostWidth }).min(by: {
        widths[$0] < widths[$1]
      })
    {
      widths[index] += 1
      room -= 1
    }
    while room < 0, let index = columns.indices.max(by: { widths[$0] < widths[$1] }), widths[index] > 1 {
      widths[index] -= 1
      room += 1
    }
    return widths
  }

  /// Appends the line of titles.
  public func appendHead(to buffer: inout [UInt8]) {
    append(columns.map(\.title), color: nil, to: &buffer)
  }

  /// Appends a row, in a colour (parameters of Select Graphic Rendition) if one is given.
  public func append(_ row: any ListedRow, color: String? = nil, to buffer: inout [UInt8]) {
    let cells = zip(columns, widths).map { column, width in
      PrintableText.escaped(column.value(row, isBound ? width : nil))
    }
    append(cells, color: color, to: &buffer)
  }

  private func append(_ cells: [String], color: String?, to buffer: inout [UInt8]) {
    var line = ""
    for (index, cell) in cells.enumerated() {
      if index > 0 { line += String(repeating: " ", count: Self.gap) }
      var text = cell
      if isBound {
        switch columns[index].excess {
        case .cut:
          let number = columns[index].isNumeric ? ShownNumber.fitting(cell, in: widths[index]) : nil
          text = number ?? DisplayWidth.cut(cell, to: widths[index])
        case .keepEnds: text = DisplayWidth.ends(of: cell, in: widths[index])
        case .keepEnd: text = DisplayWidth.end(of: cell, in: widths[index])
        }
      }
      line += DisplayWidth.padded(text, to: widths[index], isRight: columns[index].isNumeric)
    }
    while line.last == " " { line.removeLast() }
    if let color { line = "\u{1B}[\(color)m\(line)\u{1B}[0m" }
    buffer += line.utf8
    buffer.append(0x0A)
  }
}

/// A Markdown table of columns.
public struct MarkdownTable: Sendable {
  private let columns: [TableColumn]

  /// A table with all of these columns.
  public init(_ columns: [TableColumn]) {
    self.columns = columns
  }

  /// Appends the titles and the line below them.
  public func appendHead(to buffer: inout [UInt8]) {
    append(columns.map(\.title), to: &buffer)
    append(columns.map { $0.isNumeric ? "---:" : "---" }, to: &buffer)
  }

  /// Appends a row.
  public func append(_ row: any ListedRow, to buffer: inout [UInt8]) {
    append(columns.map { Self.escaped(PrintableText.escaped($0.value(row, nil))) }, to: &buffer)
  }

  private func append(_ cells: [String], to buffer: inout [UInt8]) {
    buffer += ("| " + cells.joined(separator: " | ") + " |\n").utf8
  }

  /// Text without what Markdown would read as markup, as HTML or as the end of a cell.
  public static func escaped(_ text: String) -> String {
    var result = ""
    // By scalar: a mark that combines with a bar must not hide it.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|", "\\", "*", "_", "`", "[", "]", "~": result += "\\\(scalar)"
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
