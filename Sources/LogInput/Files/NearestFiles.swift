import Glibc
import LogModel
import SystemPackage

extension InputError {
  /// So many names of a folder are compared at most.
  private static let mostNames = 10_000

  /// The error of a file that is not there, with the paths that are most like its own in place of the advice; any other error as it is.
  ///
  /// Of a path that leads through a missing folder the first missing part is looked for.
  ///
  /// - Parameter meant: What the path may mean that is no path; nil where it means nothing else.
  /// - Returns: The error with what to try.
  public func namingNearest(meant: (String) -> String? = { _ in nil }) -> InputError {
    guard concern == .absence, errno == .noSuchFileOrDirectory, hint == nil, let path else { return self }
    if let text = meant(path.string) { return InputError(self, hint: PrintableText.escaped(text)) }
    var folder = FilePath(root: path.root, [FilePath.Component]())
    for part in path.components {
      let next = folder.appending(part)
      if unsafe next.withPlatformString({ unsafe access($0, F_OK) }) == 0 {
        folder = next
        continue
      }
      let near = NearestNames.of(part.string, among: Self.names(in: folder))
      guard !near.isEmpty else { return self }
      let paths = near.map { folder.appending($0).string }
      return InputError(self, hint: "did you mean \(PrintableText.escaped(paths.joined(separator: " or ")))?")
    }
    return self
  }

  /// The names in a folder; none where it cannot be listed.
  private static func names(in folder: FilePath) -> [String] {
    let path = folder.isEmpty ? FilePath(".") : folder
    guard let listed = try? Folder(path) else { return [] }
    return listed.entries.prefix(mostNames).map { String(decoding: listed.name(of: $0), as: UTF8.self) }
  }
}
