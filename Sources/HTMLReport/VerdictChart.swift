import Diagnosis
import DiagnosticWriter

/// A chart of one crypto's verdicts as SVG: a bar for each day, with a piece for each primary code.
struct VerdictChart {
  private static let width = 360
  private static let height = 90

  let crypto: String
  let days: [String]
  let counts: [VerdictCount]
  /// The greatest number of records of any crypto on one day, so that all charts have the same scale.
  let peak: Int

  func append(to html: inout HTMLText) {
    let total = counts.map(\.count).reduce(0, +)
    let useful = counts.map(\.useful).reduce(0, +)
    html.markup("<figure><figcaption><b>")
    html.escaped(crypto)
    html.markup("</b> <span>\(total) record\(total == 1 ? "" : "s"), \(useful) useful</span></figcaption>")
    html.markup(
      "<svg viewBox=\"0 0 \(Self.width) \(Self.height + 14)\" role=\"img\" aria-label=\"Primary diagnoses per day\">"
    )
    let step = Double(Self.width) / Double(max(1, days.count))
    for (index, day) in days.enumerated() {
      appendBar(day, at: Double(index) * step, width: max(1, step - 1.5), to: &html)
    }
    html.markup(
      "<line x1=\"0\" y1=\"\(Self.height)\" x2=\"\(Self.width)\" y2=\"\(Self.height)\" class=\"axis\"/>")
    if let first = days.first, let last = days.last {
      html.markup("<text x=\"0\" y=\"\(Self.height + 12)\">\(first)</text>")
      html.markup("<text x=\"\(Self.width)\" y=\"\(Self.height + 12)\" text-anchor=\"end\">\(last)</text>")
    }
    html.markup("</svg></figure>\n")
  }

  private func appendBar(_ day: String, at left: Double, width: Double, to html: inout HTMLText) {
    var base = Double(Self.height)
    for count in counts.filter({ $0.day == day }).sorted(by: { Self.rank($0) < Self.rank($1) }) {
      let height = Double(Self.height) * Double(count.count) / Double(max(1, peak))
      base -= height
      html.markup(
        "<rect x=\"\(Self.number(left))\" y=\"\(Self.number(base))\" width=\"\(Self.number(width))\" "
          + "height=\"\(Self.number(height))\" fill=\"\(ReportColors.color(ofDiagnosis: count.diagnosis))\"><title>"
      )
      html.escaped("\(day): \(count.diagnosis) \(count.count)")
      html.markup("</title></rect>")
    }
  }

  /// The pieces of a bar from the bottom up: codes in the order of the taxonomy, which begins with the worst, then what is unclassified, and
  /// last what is clear.
  private static func rank(_ count: VerdictCount) -> Int {
    Taxonomy.current.rules.firstIndex { $0.code.rawValue == count.code }
      ?? (count.isUnclassified ? Int.max - 1 : Int.max)
  }

  /// The number with at most two decimal places.
  private static func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return rest == 0 ? "\(hundredths / 100)" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension VerdictCount {
  /// What it is shown as: the primary code, or why there is none.
  var diagnosis: String { code ?? (isUnclassified ? ReportColors.unclassified : ReportColors.allClear) }
}
