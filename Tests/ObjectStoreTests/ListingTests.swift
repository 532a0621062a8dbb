import LogInput
import LogModel
import Testing

@testable import ObjectStore

@Suite struct ListingTests {
  private static let page = """
    <?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><Prefix>a/</Prefix>
    <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1+/=&amp;</NextContinuationToken>
    <Contents><Key>a/run%3D1%2B+%C3%A9.log</Key><LastModified>2026-03-28T02:00:00.120Z</LastModified>
    <ETag>&quot;abc&quot;</ETag><Size>4711</Size><Owner><ID>x</ID></Owner></Contents>
    <Contents><Key>a/b.log</Key><LastModified>2026-03-28T02:00:00Z</LastModified><Size>0</Size></Contents>
    <CommonPrefixes><Prefix>a/c%2Fd/</Prefix></CommonPrefixes></ListBucketResult>
    """

  private func read(_ text: String, chunk: Int) throws -> ListingPage {
    let reader = try #require(ListingReader())
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      guard reader.feed(bytes[start..<min(bytes.count, start + chunk)]) else { break }
    }
    return try reader.finish().get()
  }

  @Test(arguments: [1, 2, 7, 64, 4096])
  func aPageIsReadInPiecesOfAnySize(chunk: Int) throws {
    let page = try read(Self.page, chunk: chunk)
    #expect(page.next == "1+/=&")
    #expect(page.prefixes == [Array("a/c/d/".utf8)])
    #expect(page.entries.map { String(decoding: $0.key, as: UTF8.self) } == ["a/run=1+ é.log", "a/b.log"])
    let time = LogTime("2026-03-28T02:00:00.12Z")
    #expect(page.entries.first?.state.modified == time)
    #expect(page.entries.first?.state.size == 4711)
    #expect(page.entries.first?.state.entityTag == "\"abc\"")
    #expect(page.entries.last?.state.entityTag == nil)
  }

  /// Ceph's gateway encodes keys, and neither the prefix nor the token, in which control characters then stand.
  @Test(arguments: [1, 2, 3, 7, 64, 4096])
  func controlCharactersInATokenAreRead(chunk: Int) throws {
    let text = Self.page.replacing(
      "1+/=&amp;", with: "p/a&#x01;\u{02}&#31;&#x9;&#10;&amp;&#x41;&lt;\u{10FF40}é"
    )
    .replacing("<Prefix>a/</Prefix>", with: "<Prefix>&#x0001F;</Prefix>")
    #expect(try read(text, chunk: chunk).next == "p/a\u{01}\u{02}\u{1F}\t\n&A<\u{10FF40}é")
  }

  @Test(arguments: ["&#x1", "&#x1&", "&#xZZ;", "&#99999999999999999;", "&x;", "&", "&#x1<"])
  func referencesThatAreNoneAreRefused(text: String) {
    #expect(throws: StoreFailure.self) {
      _ = try read(Self.page.replacing("1+/=&amp;", with: text), chunk: 5)
    }
  }

  @Test(arguments: [("GLACIER", true), ("DEEP_ARCHIVE", true), ("GLACIER_IR", false), ("STANDARD", false)])
  func archiveClassesAreTold(name: String, isArchived: Bool) throws {
    let text = Self.page.replacing(
      "<Size>0</Size>", with: "<Size>0</Size><StorageClass>\(name)</StorageClass>")
    #expect(try read(text, chunk: 4096).entries.map(\.isArchived) == [false, isArchived])
  }

  @Test func everyCutPageIsRefused() throws {
    for count in 0..<Self.page.utf8.count {
      let cut = String(decoding: Self.page.utf8.prefix(count), as: UTF8.self)
      #expect(throws: StoreFailure.self, "cut behind \(count) bytes") { _ = try read(cut, chunk: 4096) }
    }
  }

  @Test(arguments: [
    Self.page.replacing("<Size>4711</Size>", with: ""), Self.page.replacing("4711", with: "many"),
    Self.page.replacing("02:00:00.120Z", with: "yesterday"),
    Self.page.replacing("<NextContinuationToken>1+/=&amp;</NextContinuationToken>", with: ""),
    Self.page.replacing("ListBucketResult", with: "Another"), "<a/>", "not XML",
  ])
  func aPageThatLacksSomethingIsRefused(text: String) {
    #expect(throws: StoreFailure.self) { _ = try read(text, chunk: 4096) }
  }

  @Test func documentTypesAreRefused() throws {
    let reader = try #require(ListingReader())
    #expect(!reader.feed(Array("<!DOCTYPE a [<!ENTITY b \"c\">]><ListBucketResult/>".utf8)))
  }

  @Test(arguments: [
    ("s3://logs", "logs", ""), ("s3://logs/", "logs", ""),
    ("s3://my.logs/a//b c%20+é", "my.logs", "a//b c%20+é"), ("S3://logs/x", "logs", "x"),
    ("s3a://logs/x", "logs", "x"), ("S3N://Logs/X", "Logs", "X"), ("s3://acme:logs/x:y", "acme:logs", "x:y"),
  ])
  func buckets(text: String, bucket: String, key: String) throws {
    let path = try #require(BucketPath(text))
    #expect(path.bucket == bucket)
    #expect(path.key == Array(key.utf8))
  }

  @Test(arguments: [
    "s3://", "s3:///key", "s3://lo$gs/x", "/s3://logs", "s3://a b/x", "s3b://logs/x", "s3://:logs/x",
    "s3://acme:/x",
    "s3://a:b:c/x", "s3:/logs",
  ])
  func whatIsNoBucket(text: String) { #expect(BucketPath(text) == nil) }

  @Test(arguments: [
    "dag_id=d/run_id=manual__2026-03-28T02%3A00%3A00%2B00%3A00/task_id=g.t/map_index=3/attempt=2.log.gz",
    "dag_id=d/run_id=manual__2026-03-28T02:00:00+00:00/task_id=g.t/map_index=3/attempt=2.log.gz",
    "dag_id%3Dd/run_id%3Dmanual__2026-03-28T02%3a00%3a00%2b00%3a00/task_id%3Dg.t/map_index%3D3/attempt%3D2.log.gz",
  ])
  func aKeyTellsItsAttempt(key: String) throws {
    let path = try #require(LogPath(key: Array("prod/\(key)".utf8)))
    #expect(
      path.identity
        == TaskIdentity(
          dagID: "d", runID: "manual__2026-03-28T02:00:00+00:00", taskID: "g.t", mapIndex: 3, tryNumber: 2))
  }

  @Test(arguments: [
    ("dag_id=100%/run_id=r/task_id=t/attempt=1.log", "100%", "r"),
    ("dag_id=a%zz%41/run_id=%2/task_id=t/attempt=1.log", "a%zzA", "%2"),
    // No character is FF: this name is not encoded, the other one is.
    ("dag_id=a%ff%41/run_id=%41/task_id=t/attempt=1.log", "a%ff%41", "A"),
  ])
  func aStrayPercentStandsForItself(key: String, dagID: String, runID: String) throws {
    let path = try #require(LogPath(key: Array(key.utf8)))
    #expect(path.identity == TaskIdentity(dagID: dagID, runID: runID, taskID: "t", tryNumber: 1))
  }

  @Test func anEncodedSlashIsPartOfItsName() throws {
    let path = try #require(LogPath(key: Array("dag_id=d/run_id=a%2Fb/task_id=t/attempt=1.log".utf8)))
    #expect(path.identity.runID == "a/b")
  }

  @Test func anAnswerWithKeysIsRead() {
    let answer =
      "<A><Credentials><AccessKeyId>i</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
      + "<SessionToken>t</SessionToken><Expiration>2026-03-28T03:00:00Z</Expiration></Credentials></A>"
    #expect(
      WebIdentity.credentials(in: Array(answer.utf8))
        == Credentials(
          accessKeyID: "i", secretKey: "s", sessionToken: "t", expiry: LogTime("2026-03-28T03:00:00Z")))
    #expect(WebIdentity.credentials(in: Array(answer.replacing("Expiration", with: "E").utf8)) == nil)
  }

  @Test func keysAreFetchedAgainBeforeTheyExpire() throws {
    let identity = try WebIdentity(
      role: "r", tokenFile: "/t", session: nil, region: "eu-west-1", endpoint: nil)
    #expect(identity.endpoint.description == "https://sts.eu-west-1.amazonaws.com")
    let store = CredentialStore(.webIdentity(identity))
    let start = try #require(LogTime("2026-03-28T02:00:00Z"))
    let hour: Int64 = 3_600_000_000
    var fetched = 0
    for (minutes, count) in [(0, 1), (54, 1), (56, 2), (57, 2)] as [(Int64, Int)] {
      let now = LogTime(microseconds: start.microseconds + minutes * 60_000_000)
      _ = try store.credentials(at: now) { (_) throws(StoreFailure) in
        fetched += 1
        return Credentials(
          accessKeyID: "i", secretKey: "s", expiry: LogTime(microseconds: now.microseconds + hour))
      }
      #expect(fetched == count, "after \(minutes) minutes")
    }
  }

  @Test(arguments: [
    // Nothing of the first folder is left, a part of the second, all of the third.
    ("p/b/x.log", ["p/a/", "p/b/", "p/c/"], ["p/b/ p/b/x.log", "p/c/"]),
    ("p/b", ["p/a/", "p/b/"], ["p/b/"]),
    ("p/b/", ["p/a/", "p/b/"], ["p/b/ p/b/"]),
    // "b!" comes before "b/", "b0" behind it.
    ("p/b!/x", ["p/b!/", "p/b/", "p/b0/"], ["p/b!/ p/b!/x", "p/b/", "p/b0/"]),
    ("p/b0/x", ["p/b!/", "p/b/", "p/b0/"], ["p/b0/ p/b0/x"]),
    ("p/z.log", ["p/a/", "p/é/"], ["p/é/"]),
    ("p/é.log", ["p/a/", "p/z/"], []),
  ])
  func whatIsLeftOfFolders(last: String, folders: [String], expected: [String]) {
    let parts = ObjectListing.parts(of: folders.map { Array($0.utf8) }, behind: Array(last.utf8))
    let found = parts.map { part in
      ([part.prefix] + (part.after.map { [$0] } ?? [])).map { String(decoding: $0, as: UTF8.self) }
        .joined(separator: " ")
    }
    #expect(found == expected)
    #expect(parts.allSatisfy { $0.token == nil })
  }

  private static func page(_ keys: [String], prefixes: [String] = [], next: String? = nil) -> ListingPage {
    var page = ListingPage()
    page.entries = keys.map { ListingPage.Entry(key: Array($0.utf8)) }
    page.prefixes = prefixes.map { Array($0.utf8) }
    page.next = next
    return page
  }

  /// What may come: keys in any order, folders, pages without a key, no token at the end.
  @Test func aListingThatMovesOn() {
    var progress = ListingProgress()
    for page in [
      Self.page(["b", "a"], next: "1"), Self.page([], next: "2"),
      Self.page(["c"], prefixes: ["a/"], next: "3"),
      Self.page([], prefixes: ["b/"], next: "4"), Self.page(["d", "0"]),
    ] {
      #expect(progress.take(page) == nil)
    }
  }

  @Test(arguments: [
    (
      [Self.page(["a"], next: "1"), Self.page(["b"], next: "1")], "it gives the same continuation token twice"
    ),
    (
      [Self.page(["a"], next: "1"), Self.page(["b"], next: "2"), Self.page(["a"], next: "3")],
      "it gives a page twice"
    ),
    ([Self.page([], prefixes: ["a/"], next: "1"), Self.page([], prefixes: ["a/"])], "it gives a page twice"),
    ([Self.page(["a"], next: "1"), Self.page(["a"])], "it gives a key twice"),
    ([Self.page(["a", "a"])], "it gives a key twice"),
    (
      (0..<1000).map { Self.page([], next: String($0)) }, "it gives 1000 pages in a row without a key"
    ),
  ])
  func aListingThatStandsStill(pages: [ListingPage], words: String) {
    var progress = ListingProgress()
    #expect(pages.dropLast().allSatisfy { progress.take($0) == nil })
    #expect(pages.last.flatMap { progress.take($0) } == words)
  }

  /// Nothing of an answer without end is kept: it is refused where no store's answer is so deep, and where no page is so long.
  @Test func anAnswerThatIsNestedTooDeeplyIsRefused() throws {
    let reader = try #require(ListingReader())
    #expect(reader.feed(Array("<ListBucketResult>".utf8) + Array(String(repeating: "<a>", count: 15).utf8)))
    #expect(reader.refusal == nil)
    #expect(!reader.feed(Array("<a>".utf8)))
    #expect(reader.refusal == "its elements are nested more deeply than any listing's")
  }

  @Test func aPageOfTooManyNamesIsRefused() throws {
    let reader = try #require(ListingReader())
    let prefix = Array("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>".utf8)
    #expect(reader.feed(Array("<ListBucketResult>".utf8)))
    for _ in 0..<10_000 { #expect(reader.feed(prefix)) }
    #expect(reader.refusal == nil)
    #expect(reader.feed(prefix))
    #expect(reader.refusal == "a page of the listing names more than 10000 objects")
  }
}
