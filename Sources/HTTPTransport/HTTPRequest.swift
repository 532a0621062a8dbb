/// What is asked of a server.
public struct HTTPRequest: Sendable, Hashable {
  /// What to do with what the URL names.
  public enum Method: Sendable, Hashable {
    /// Send it.
    case get
    /// Tell of it.
    case head
    /// Take this form, which is `application/x-www-form-urlencoded`.
    case post(form: String)
  }

  /// What to do.
  public var method: Method
  /// Where; sent as it is, with no dots or slashes taken out.
  public var url: String
  /// Headers besides those that libcurl makes.
  public var headers: [Header]

  /// A header.
  public struct Header: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// A header.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A request.
  public init(_ method: Method = .get, _ url: String, headers: [Header] = []) {
    self.method = method
    self.url = url
    self.headers = headers
  }
}

/// What an answer begins with.
public struct HTTPHead: Sendable, Hashable {
  /// The status, 200 … 599.
  public internal(set) var status = 0
  private var fields: [String: String] = [:]

  /// A header's value; the last one where there are several. The name is in lower case.
  public subscript(name: String) -> String? { fields[name] }

  /// Adds one line of a head.
  mutating func add(_ line: some Collection<UInt8>) {
    let text = String(decoding: line, as: UTF8.self)
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
    let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    fields[text[..<colon].lowercased()] = String(
      value.reversed().drop { $0.isWhitespace }.reversed())
  }
}
