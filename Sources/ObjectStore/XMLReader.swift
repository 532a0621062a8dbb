import CExpat

/// Reads XML as it comes, by expat: tells which element begins, and of each that ends its text.
@safe
final class XMLReader {
  /// What was found.
  enum Event {
    /// An element begins.
    case began(String)
    /// An element ended; its text is what stood in it outside of other elements since the last tag.
    case ended(String, text: [UInt8])
  }

  /// More text than any element of an answer has.
  private static let longestText = 64 << 10
  /// Deeper than any answer's elements lie.
  private static let deepest = 16

  private let parser: XML_Parser
  private let take: (Event) -> Void
  private var text: [UInt8] = []
  private var depth = 0
  /// Whether elements lay deeper in each other than in any answer. Nothing more is read then.
  private(set) var isTooDeep = false
  private var controls = ControlCharacters()

  /// A reader at the start of a document; nil without memory.
  init?(_ take: @escaping (Event) -> Void) {
    guard let parser = unsafe XML_ParserCreate(nil) else { return nil }
    unsafe self.parser = parser
    self.take = take
    unsafe XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    unsafe XML_SetElementHandler(
      parser,
      { context, name, _ in unsafe XMLReader.of(context)?.begin(name) },
      { context, name in unsafe XMLReader.of(context)?.end(name) })
    unsafe XML_SetCharacterDataHandler(parser) { context, bytes, count in
      guard let bytes = unsafe bytes else { return }
      unsafe XMLReader.of(context)?.add(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }
    // A listing has no document type. An answer with a document type wants to define entities.
    unsafe XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
      unsafe XMLReader.of(context)?.stop()
    }
  }

  deinit { unsafe XML_ParserFree(parser) }

  /// Takes the next bytes; says whether they are XML.
  func feed(_ bytes: some Collection<UInt8>, isLast: Bool = false) -> Bool {
    let bytes = controls.replaced(bytes, isLast: isLast)
    return unsafe bytes.withUnsafeBytes { bytes in
      unsafe XML_Parse(
        parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), isLast ? 1 : 0)
    } == XML_STATUS_OK
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> XMLReader? {
    unsafe context.map { unsafe Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
  }

  private func begin(_ name: UnsafePointer<CChar>?) {
    text.removeAll(keepingCapacity: true)
    depth += 1
    guard depth <= Self.deepest else {
      isTooDeep = true
      return stop()
    }
    if let name = unsafe name { take(.began(unsafe String(cString: name))) }
  }

  private func end(_ name: UnsafePointer<CChar>?) {
    depth -= 1
    if let name = unsafe name {
      take(.ended(unsafe String(cString: name), text: ControlCharacters.restored(text)))
    }
    text.removeAll(keepingCapacity: true)
  }

  private func add(_ bytes: UnsafeRawBufferPointer) {
    guard text.count + bytes.count <= Self.longestText else { return stop() }
    unsafe text.append(contentsOf: bytes)
  }

  private func stop() { unsafe XML_StopParser(parser, 0) }
}
