import Glibc
import LogModel
import SystemPackage
import TestSupport
import Testing

@testable import LogInput

@Suite struct LogWalkTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func walk(_ root: FilePath, limits: ReadLimits = ReadLimits()) throws -> [LogWalk.Finding] {
    var walk = try LogWalk(root, limits: limits)
    var findings: [LogWalk.Finding] = []
    while let finding = walk.next() { findings.append(finding) }
    return findings
  }

  private func logs(_ findings: [LogWalk.Finding]) -> [FoundLog] {
    findings.compactMap { if case .log(let log) = $0 { log } else { nil } }
  }

  private func names(_ findings: [LogWalk.Finding]) -> [String] {
    logs(findings).map { $0.relativePath.locationText }
  }

  private func others(_ findings: [LogWalk.Finding]) -> [LogWalk.Finding] {
    findings.filter { finding in
      switch finding {
      case .log, .ignored: false
      case .skipped, .failed: true
      }
    }
  }

  private func ignored(_ findings: [LogWalk.Finding]) -> [String] {
    findings.compactMap { if case .ignored(let path) = $0 { path.locationText } else { nil } }
  }

  @Test func `a folder whose names the system gives in several parts`() throws {
    // So many names of this length take more than four times 32 KiB.
    let found = (1000..<3000).map { "\($0)-" + String(repeating: "x", count: 40) + ".log" }
    for name in found { _ = try scratch.file("many/" + name, [65]) }
    _ = try scratch.file("one/1.log", [65])
    #expect(names(try walk(scratch.path)) == found.map { "many/" + $0 } + ["one/1.log"])
  }

  @Test func `logs are found by name, in bytewise order of their paths`() throws {
    let found = [
      "a-b.log", "a.log", "a/.log", "a/b/1.log", "a/b.log.gz", "a0/x.log", "b/attempt=1.log",
      "b/attempt=1.log.gz", "b/attempt=1.log.trigger.2.log", "b/attempt=10.log", "b/attempt=2.log", "é/ü.log",
    ]
    let ignored = ["a.txt", "b/attempt=1.log.part", "b/a.LOG", "b/log", "x.log.1", "latest", "c.gz"]
    for name in (found + ignored).reversed() { _ = try scratch.file(name, [65]) }
    let findings = try walk(scratch.path)
    #expect(names(findings) == found.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
    #expect(Set(self.ignored(findings)) == Set(ignored))
    #expect(self.ignored(findings).count == ignored.count)
    #expect(others(findings).isEmpty)
  }

  /// 2-log-envelopes, Identity: the highest number is the earliest part. Names in between belong to nobody.
  @Test func `a rotated log is found once, with its parts from the earliest on`() throws {
    for (name, size) in [
      ("t/1.log", 1), ("t/1.log.1", 2), ("t/1.log.2", 4), ("t/1.log.10", 8), ("t/1.log-x", 16),
      ("t/1.log.x", 16),
      ("t/1.log.01", 16), ("t/1.log.0", 16), ("t/2.log.1", 16), ("t/2.log.gz", 1), ("t/2.log.gz.1", 16),
    ] {
      _ = try scratch.file(name, Array(repeating: 65, count: size))
    }
    let findings = try walk(scratch.path)
    #expect(names(findings) == ["t/1.log", "t/2.log.gz"])
    #expect(logs(findings).map(\.rotated) == [[10, 2, 1], []])
    #expect(logs(findings).map(\.size) == [15, 1])
    #expect(
      ignored(findings) == ["t/1.log-x", "t/1.log.0", "t/1.log.01", "t/1.log.x", "t/2.log.1", "t/2.log.gz.1"])
  }

  @Test func `a finding says where, how long and when`() throws {
    let name = "dag_id=d/run_id=r/task_id=t/attempt=1.log"
    let path = try scratch.file(name, [1, 2, 3])
    var times = [
      timeval(tv_sec: 1_800_000_000, tv_usec: 123_456), timeval(tv_sec: 1_800_000_000, tv_usec: 123_456),
    ]
    path.withPlatformString { _ = utimes($0, &times) }
    let log = try #require(logs(try walk(scratch.path)).first)
    #expect(log.path == path)
    #expect(log.readPath == path)
    #expect(log.relativePath == FilePath(name))
    #expect(log.size == 3)
    #expect(log.modified == LogTime(microseconds: 1_800_000_000_123_456))
    #expect(log.logPath?.identity == TaskIdentity(dagID: "d", runID: "r", taskID: "t", tryNumber: 1))
  }

  @Test func `the identity may begin above the root`() throws {
    _ = try scratch.file("dag_id=d/run_id=r/task_id=t/attempt=1.log")
    let root = scratch.path.appending("dag_id=d").appending("run_id=r")
    #expect(logs(try walk(root)).first?.logPath?.identity.dagID == "d")
  }

  @Test func `plain and compressed log of an attempt are two locations of one source`() throws {
    _ = try scratch.file("dag_id=d/run_id=r/task_id=t/attempt=1.log")
    _ = try scratch.file("dag_id=d/run_id=r/task_id=t/attempt=1.log.gz")
    let found = logs(try walk(scratch.path))
    #expect(found.count == 2)
    #expect(Set(found.map(\.logPath)).count == 1)
  }

  @Test func `what Airflow writes for itself is passed over and said`() throws {
    for name in [
      "scheduler/2026-11-23/d.py.log", "dag_processor/2026-11-23/d.log",
      "dag_processor_manager/dag_processor_manager.log", "x/y.log", "schedulers/z.log",
    ] { _ = try scratch.file(name) }
    _ = try scratch.link("latest", to: "x")
    let findings = try walk(scratch.path)
    #expect(names(findings) == ["schedulers/z.log", "x/y.log"])
    #expect(
      others(findings) == [
        .skipped("dag_processor", reason: .notTaskLogs),
        .skipped("dag_processor_manager", reason: .notTaskLogs),
        .skipped("latest", reason: .notTaskLogs), .skipped("scheduler", reason: .notTaskLogs),
      ])
    // Named, they are read.
    #expect(names(try walk(scratch.path.appending("scheduler"))) == ["2026-11-23/d.py.log"])
  }

  @Test func `links lead neither out of the root nor round in circles`() throws {
    let outside = try Scratch()
    let secret = try outside.file("secret", [1])
    _ = try outside.file("out.log", [1])
    _ = try scratch.file("root/a/b/1.log")
    _ = try scratch.file("root/store/blob", [7])
    for (name, target) in [
      ("root/a/up", ".."), ("root/a/b/self", "."), ("root/a/b/root", scratch.path.appending("root").string),
      ("root/elsewhere", outside.path.string), ("root/out.log", secret.string),
      ("root/dangling.log", "nowhere"), ("root/again.log", "a/b/1.log"), ("root/circle.log", "circle.log"),
    ] { _ = try scratch.link(name, to: target) }
    let findings = try walk(scratch.path.appending("root"))
    #expect(names(findings) == ["a/b/1.log"])
    #expect(
      others(findings) == [
        .skipped("a/b/root", reason: .link), .skipped("a/b/self", reason: .link),
        .skipped("a/up", reason: .link), .skipped("again.log", reason: .link),
        .skipped("circle.log", reason: .link), .skipped("dangling.log", reason: .link),
        .skipped("elsewhere", reason: .link), .skipped("out.log", reason: .link),
      ])
  }

  @Test func `a link with the name of a log, to a file in the root without one, is a log once`() throws {
    let blob = try scratch.file("store/blob", [7, 7])
    _ = try scratch.link("task/attempt=1.log", to: "../store/blob")
    _ = try scratch.link("task/attempt=2.log", to: "../store/blob")
    let findings = try walk(scratch.path)
    #expect(names(findings) == ["task/attempt=1.log"])
    #expect(others(findings) == [.skipped("task/attempt=2.log", reason: .link)])
    let log = try #require(logs(findings).first)
    #expect(log.size == 2)
    #expect(try log.readPath == blob.resolvingLinks())
    #expect(read(log.readPath, below: log.readRoot.path).sink.content == [7, 7])
  }

  @Test func `the root itself may be a link`() throws {
    _ = try scratch.file("real/a.log")
    let link = try scratch.link("root", to: "real")
    #expect(names(try walk(link)) == ["a.log"])
  }

  @Test func `odd names are names`() throws {
    let names: [[UInt8]] = [
      Array("line\nbreak.log".utf8), [0xff, 0xfe] + Array(".log".utf8), Array(#"back\slash.log"#.utf8),
      Array(" .log".utf8), Array("...log".utf8), Array("*?.log".utf8),
      [UInt8](repeating: 120, count: 251)
        + Array(".log".utf8),
    ]
    for name in names { _ = try scratch.file(bytes: [0xf0, 0x2f] + name, Array("name ".utf8) + name) }
    let found = logs(try walk(scratch.path))
    #expect(found.count == names.count)
    #expect(Set(found.map { $0.relativePath.locationText }).count == names.count)
    for log in found {
      #expect(Array("name ".utf8) + log.relativePath.bytes.dropFirst(2) == read(log.readPath).sink.content)
    }
  }

  @Test func `a path of four thousand bytes is walked and read`() throws {
    let folders = Array(repeating: String(repeating: "d", count: 200), count: 19).joined(separator: "/")
    let name = folders + "/" + String(repeating: "n", count: 100) + ".log"
    let path = try scratch.file(name, [1])
    #expect(path.bytes.count > 3900)
    let found = logs(try walk(scratch.path))
    #expect(found.map(\.path) == [path])
    #expect(read(path).sink.content == [1])
  }

  @Test func `special files with the name of a log are passed over`() throws {
    _ = try scratch.file("a.log")
    for name in ["pipe.log", "pipe"] {
      #expect(scratch.path.appending(name).withPlatformString { mkfifo($0, 0o644) } == 0)
    }
    let findings = try walk(scratch.path)
    #expect(names(findings) == ["a.log"])
    #expect(others(findings) == [.skipped("pipe.log", reason: .notRegular)])
  }

  @Test func `a folder too deep is an error, the rest is walked`() throws {
    _ = try scratch.file("1/2/3/deep.log")
    _ = try scratch.file("1/2/ok.log")
    _ = try scratch.file("z.log")
    let findings = try walk(scratch.path, limits: ReadLimits(pathDepth: 2))
    #expect(names(findings) == ["1/2/ok.log", "z.log"])
    let path = scratch.path.appending("1/2/3")
    #expect(others(findings) == [.failed(InputError(.pathTooDeep(limit: 2), path: path))])
  }

  @Test(.enabled(if: geteuid() != 0, "root may list everything"))
  func `an unreadable folder is an error, the rest is walked`() throws {
    _ = try scratch.file("a/1.log")
    _ = try scratch.file("b/1.log")
    let closed = scratch.path.appending("a")
    closed.withPlatformString { _ = chmod($0, 0) }
    let findings = try walk(scratch.path)
    #expect(names(findings) == ["b/1.log"])
    #expect(others(findings) == [.failed(InputError(.open, path: closed, errno: .permissionDenied))])
  }

  @Test func `a folder that is gone when it is reached is passed over, the rest is walked`() throws {
    for name in ["0.log", "gone/1.log", "z/1.log"] { _ = try scratch.file(name) }
    var walk = try LogWalk(scratch.path)
    guard case .log = walk.next() else {
      Issue.record("the first log was not found")
      return
    }
    let gone = scratch.path.appending("gone")
    gone.appending("1.log").withPlatformString { _ = remove($0) }
    gone.withPlatformString { _ = remove($0) }
    guard case .log(let last) = walk.next() else {
      Issue.record("the last log was not found")
      return
    }
    #expect(last.relativePath == "z/1.log")
    #expect(walk.next() == nil)
  }

  @Test func `a folder that is gone together with the root is trouble with the root`() throws {
    for name in ["root/0.log", "root/gone/1.log"] { _ = try scratch.file(name) }
    let root = scratch.path.appending("root")
    let moved = scratch.path.appending("moved")
    var walk = try LogWalk(root)
    guard case .log(let log) = walk.next() else {
      Issue.record("the first log was not found")
      return
    }
    #expect(log.readRoot.isThere)
    #expect(rename(root.string, moved.string) == 0)
    #expect(rename(moved.appending("gone").string, moved.appending("away").string) == 0)
    // As where a volume is no longer mounted: its folder is there, and empty.
    _ = try scratch.file("root/other.txt")
    #expect(!log.readRoot.isThere)
    #expect(walk.next() == .failed(InputError(.root, path: root, errno: .noSuchFileOrDirectory)))
    #expect(walk.next() == nil)
  }

  @Test func `a log that is gone when it is reached is none`() throws {
    for name in ["a.log", "b.log", "c.log"] { _ = try scratch.file(name) }
    var walk = try LogWalk(scratch.path)
    _ = walk.next()
    scratch.path.appending("b.log").withPlatformString { _ = remove($0) }
    guard case .log(let log) = walk.next() else {
      Issue.record("no log was found")
      return
    }
    #expect(log.relativePath == "c.log")
  }

  @Test func `a root that is no folder is an error`() throws {
    let file = try scratch.file("a.log")
    #expect(throws: InputError(.open, path: file, errno: .notDirectory)) { _ = try walk(file) }
    let absent = scratch.path.appending("absent")
    #expect(throws: InputError(.open, path: absent, errno: .noSuchFileOrDirectory)) {
      _ = try walk(absent)
    }
  }

  @Test func `a thousand logs in one folder come in order`() throws {
    let names = (0..<1000).map { "\($0 * 7919 % 1000).log" }
    for name in names { _ = try scratch.file(name) }
    #expect(self.names(try walk(scratch.path)) == names.sorted())
  }
}
