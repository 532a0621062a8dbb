import Foundation
import LogModel
import Testing

@testable import CorrelationGrammar

/// The worked block of `Grammar.docc/Grammar.md` is read as the page says.
@Suite struct WorkedBlockTests {
  private let log: [String]
  private let text: String
  private let record: String
  /// The cells of all rows of the page's tables.
  private let rows: [[String]]

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/CorrelationGrammar/Grammar.docc/Grammar.md").standardizedFileURL
    let page = try String(contentsOf: file, encoding: .utf8)
    func fence(_ language: String) throws -> String {
      let begin = try #require(page.range(of: "```\(language)\n"))
      let end = try #require(page.range(of: "\n```", range: begin.upperBound..<page.endIndex))
      return String(page[begin.upperBound..<end.lowerBound])
    }
    log = try fence("log").components(separatedBy: "\n")
    text = try fence("text")
    record = try fence("record")
    rows = page.components(separatedBy: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.dropFirst(2).dropLast(2).components(separatedBy: " | ").map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
      }
    }
  }

  @Test func `the log gives the record`() {
    #expect(scan(log).records.map(\.summary) == [record])
  }

  @Test func `each line leads to its actions, and the body has its pairs`() throws {
    var machine = BlockMachine(limits: BlockLimits(lines: 256, bytes: 65_536))
    var body = BlockBody()
    let lines = rows.filter { $0.count == 5 && Int($0[0]) != nil }
    #expect(lines.count == 6)
    for row in lines {
      let number = try #require(Int(row[0]))
      #expect(log[number - 1].hasSuffix("- " + row[1]))
      let kind: BlockEvent.Kind = log[number - 1].contains(" WARNING ") ? .warning : .ordinary
      let bytes = Array(row[1].utf8)
      var reading = LineReading()
      reading.read(
        bytes.span, at: LogPosition(line: number, offset: 0), in: kind.record(number),
        inBlock: machine.hasBlock)
      #expect("\(reading.line.kind)" == row[2])
      let actions = BlockEvent.line(row[1], number, kind).send(to: &machine)
      #expect((actions.isEmpty ? "nothing" : actions.joined(separator: "; ")) == row[4])
      if actions.last == "take" {
        body.take(
          reading.pairs, of: bytes.span, at: reading.line.position, in: number, awaitsValue: false)
      }
    }
    #expect(String(decoding: body.text, as: UTF8.self) == text)
    let pairs = body.entries.enumerated().map { index, entry in
      let (key, value) = (entry.pair.key, entry.pair.value)
      return [
        "\(index + 1)", "\(key.lowerBound) to \(key.upperBound), `\(body.keyText(entry.pair))",
        "\(value.lowerBound) to \(value.upperBound)", "line \(entry.record)",
      ]
    }
    #expect(rows.filter { $0.count == 4 && Int($0[0]) != nil } == pairs)
  }
}
