import Glibc
import SystemPackage
import Testing

@testable import LogInput

/// Opening below a root in one call, and part by part as where the kernel or a container's filter does not know that call.
@Suite struct OpeningBelowTests {
  let scratch: Scratch
  let root: FilePath

  init() throws {
    scratch = try Scratch()
    root = scratch.path.appending("root")
    _ = try scratch.file("root/a/b/x.log")
    _ = try scratch.file("outside/b/x.log")
    _ = try scratch.link("root/link", to: "../outside")
    _ = try scratch.link("root/a/link.log", to: "b/x.log")
    _ = try scratch.link("root/a/lost.log", to: "nowhere")
  }

  @Test(
    arguments: [
      ("a/b/x.log", nil),
      ("a/b", nil),
      ("link/b/x.log", .tooManySymbolicLinkLevels),
      ("link", .tooManySymbolicLinkLevels),
      ("a/link.log", .tooManySymbolicLinkLevels),
      ("a/lost.log", .tooManySymbolicLinkLevels),
      ("a/missing/x.log", .noSuchFileOrDirectory),
      ("a/b/missing.log", .noSuchFileOrDirectory),
      ("a/b/x.log/y.log", .notDirectory),
    ] as [(FilePath, Errno?)])
  func bothWaysAreOne(path: FilePath, expected: Errno?) throws {
    let descriptor = try FileDescriptor.open(root, .readOnly)
    for opened in [
      openForReading(root.pushing(path), below: root), openPartByPart(path, in: descriptor.rawValue),
    ] {
      switch opened {
      case .success(let file):
        close(file)
        #expect(expected == nil)
      case .failure(let failure): #expect(failure == expected)
      }
    }
    #expect(try openPaths == [root.resolvingLinks()])
    try descriptor.close()
  }

  /// What this process has open in the test's folder.
  private var openPaths: [FilePath] {
    get throws {
      let folder = try #require(try scratch.path.resolvingLinks())
      return (0..<1024).compactMap { number in
        try? FilePath("/proc/self/fd/\(number)").resolvingLinks()
      }.filter { $0.starts(with: folder) }
    }
  }

  @Test func aPathThatLeadsOutOfTheRootIsRefused() {
    let opened = openForReading(root.appending("a").appending("../../outside/b/x.log"), below: root)
    guard case .failure = opened else {
      Issue.record("it was opened")
      return
    }
  }
}
