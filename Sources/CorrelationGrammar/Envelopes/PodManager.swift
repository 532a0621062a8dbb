public import LogModel

extension LogEnvelope {
  /// What a pod printed, in the log of the task that started the pod.
  public static let podManager = LogEnvelope(rawValue: "pod-manager")
}

/// A message of KubernetesPodOperator that repeats a line of its pod: `[base] line` (2-log-envelopes, Envelopes: pod-manager). The
/// line may have an envelope of its own.
enum PodManager {
  static let definition = EnvelopeDefinition(
    name: .podManager,
    examples: ["[2026-03-28T02:14:07.123+0000] {pod_manager.py:412} INFO - [base] …"],
    remark: "with a line of any other inside",
    opening: Opening(),
    recogniser: .message(MessageSource(file: "pod_manager.py", loggerPart: "pod_manager"), recognise),
    shape: .wrapsLine(shownBy: .prefix))

  /// Recognises a message, by the record in which it stands and its beginning.
  private static func recognise(_ message: Span<UInt8>) -> RecordHead? {
    guard message.has("["), let close = message.index(of: UInt8(ascii: "]")), close > 1,
      close + 1 == message.count || message[close + 1] == 0x20
    else { return nil }
    for index in 1..<close where message[index].isBlank { return nil }
    var head = RecordHead()
    head.program = 1..<close
    head.message = min(close + 2, message.count)..<message.count
    return head
  }
}
