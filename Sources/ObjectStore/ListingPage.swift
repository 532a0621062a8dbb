import LogInput
import LogModel

/// One page of a listing: at most 1,000 objects, however many there are.
struct ListingPage: Sendable {
  /// An object.
  struct Entry: Sendable, Equatable {
    var key: [UInt8] = []
    var state = LogState(size: -1, modified: LogTime(microseconds: .min))
    /// Whether its storage class has to be restored before it can be read.
    var isArchived = false
  }

  /// Storage classes of which nothing is read before it is restored.
  static let archiveClasses: Set<String> = ["GLACIER", "DEEP_ARCHIVE"]

  /// The objects, in the order of their keys' bytes.
  var entries: [Entry] = []
  /// What keys have in common up to the delimiter that was asked for.
  var prefixes: [[UInt8]] = []
  /// Where the next page begins; nil at the end.
  var next: String?
}

/// Reads a page as it comes.
final class ListingReader {
  private struct State {
    var page = ListingPage()
    var entry: ListingPage.Entry?
    var isInPrefixes = false
    var isEncoded = false
    var isTruncated = false
    var isListing = false
    var fault: String?
  }

  private let state: StateBox
  private let xml: XMLReader

  private final class StateBox {
    var state = State()
  }

  /// A reader; nil without memory.
  init?() {
    let box = StateBox()
    guard let xml = XMLReader({ Self.take($0, &box.state) }) else { return nil }
    state = box
    self.xml = xml
  }

  /// More objects and prefixes than any store gives in one page.
  private static let mostEntries = 10_000

  /// Why the answer is none of a store, whatever follows; nil where it may be one.
  var refusal: String? {
    if xml.isTooDeep { return "its elements are nested more deeply than any listing's" }
    let page = state.state.page
    return page.entries.count + page.prefixes.count > Self.mostEntries
      ? "a page of the listing names more than \(Self.mostEntries) objects" : nil
  }

  /// Takes the next bytes; says whether they may be a listing.
  func feed(_ bytes: some Collection<UInt8>) -> Bool { xml.feed(bytes) && state.state.fault == nil }

  /// The page, once its last byte has been taken; else what is wrong with it.
  func finish() -> Result<ListingPage, StoreFailure> {
    let isWhole = xml.feed([], isLast: true)
    var found = state.state
    guard isWhole, found.isListing, found.fault == nil else {
      return .failure(StoreFailure(.cut, found.fault ?? "the listing is none, or ends before its end"))
    }
    if !found.isTruncated {
      found.page.next = nil
    } else if found.page.next == nil {
      return .failure(StoreFailure(.configuration, "the listing goes on and does not say where"))
    }
    if found.isEncoded {
      for index in found.page.entries.indices {
        found.page.entries[index].key = Self.decoded(found.page.entries[index].key)
      }
      found.page.prefixes = found.page.prefixes.map(Self.decoded)
    }
    return .success(found.page)
  }

  private static func decoded(_ text: [UInt8]) -> [UInt8] {
    Array(PercentEncoding.decoded(text[...], plusIsBlank: true))
  }

  private static func take(_ event: XMLReader.Event, _ state: inout State) {
    switch event {
    case .began("ListBucketResult"): state.isListing = true
    case .began("Contents"): state.entry = ListingPage.Entry()
    case .began("CommonPrefixes"): state.isInPrefixes = true
    case .began: break
    case .ended("Contents", _):
      guard let entry = state.entry, entry.state.size >= 0, entry.state.modified.microseconds != .min else {
        state.fault = "an object of the listing lacks its size or its time"
        return
      }
      state.page.entries.append(entry)
      state.entry = nil
    case .ended("Key", let text): state.entry?.key = text
    case .ended("Size", let text):
      state.entry?.state.size = Int(String(decoding: text, as: UTF8.self)) ?? -1
    case .ended("LastModified", let text):
      if let time = LogTime(text.span) { state.entry?.state.modified = time }
    case .ended("ETag", let text):
      state.entry?.state.entityTag = text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    case .ended("StorageClass", let text):
      state.entry?.isArchived = ListingPage.archiveClasses.contains(String(decoding: text, as: UTF8.self))
    case .ended("Prefix", let text) where state.isInPrefixes: state.page.prefixes.append(text)
    case .ended("CommonPrefixes", _): state.isInPrefixes = false
    case .ended("EncodingType", let text): state.isEncoded = text.elementsEqual("url".utf8)
    case .ended("IsTruncated", let text): state.isTruncated = text.elementsEqual("true".utf8)
    case .ended("NextContinuationToken", let text): state.page.next = String(decoding: text, as: UTF8.self)
    case .ended: break
    }
  }
}
