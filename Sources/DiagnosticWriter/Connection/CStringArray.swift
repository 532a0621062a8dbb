/// NUL-terminated texts in the shape in which C functions take arrays of them; a nil is a null pointer.
@safe
final class CStringArray {
  let pointers: [UnsafePointer<CChar>?]

  /// Each text must end in a zero byte.
  init(_ texts: [[UInt8]?]) {
    unsafe pointers = texts.map { text in
      guard let text else { return nil }
      let copy = UnsafeMutableRawPointer.allocate(byteCount: text.count, alignment: 1)
      unsafe text.withUnsafeBytes {
        unsafe copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count)
      }
      return unsafe UnsafePointer(copy.assumingMemoryBound(to: CChar.self))
    }
  }

  deinit {
    unsafe pointers.forEach { unsafe UnsafeMutableRawPointer(mutating: $0)?.deallocate() }
  }
}
