/// The issues of one source, of which no more are kept than a limit says (6-bars, Limits).
///
/// Those beyond are counted: of each kind one issue stands for all of them, at the place of the first, with their number as
/// ``GrammarIssue/places``.
public struct SourceIssues: Sendable, Hashable {
  /// The limit of 6-bars, Limits.
  public static let most = 1000

  private let limit: Int
  private var first: [GrammarIssue] = []
  /// One for each kind of which there are more than are kept.
  private var others: [GrammarIssue] = []

  /// No issue yet. More than `limit` are counted only.
  public init(limit: Int = most) {
    self.limit = limit
  }

  /// The issues in the order found. Behind them stands one issue for each kind that was found beyond the limit.
  public var list: [GrammarIssue] { first + others }

  /// Takes an issue.
  public mutating func append(_ issue: GrammarIssue) {
    if first.count < limit {
      first.append(issue)
    } else if let index = others.firstIndex(where: { $0.kind == issue.kind }) {
      others[index].places = others[index].count + issue.count
    } else {
      others.append(issue)
    }
  }
}
