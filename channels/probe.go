package channels

import (
	"strings"
	"time"

	"belfry.dev/belfry/models"
)

// ProbeType is the message type of test messages; no catalogue has it.
const ProbeType = "belfry.test"

// Probe returns a test message in the language, or in English when Belfry does
// not speak it. Key, recipient and account are the caller's to fill in.
func Probe(locale models.Locale, now time.Time) Message {
	text := models.Rendered{
		Locale: models.LocaleEN, Title: "Test message", Body: "This is a test message from Belfry. The channel works when you can read it.",
		Short: "Test message from Belfry.",
	}
	if locale == models.LocaleZH {
		text = models.Rendered{
			Locale: models.LocaleZH, Title: "测试消息", Body: "这是一条来自 Belfry 的测试消息。收到即表示该渠道可用。", Short: "来自 Belfry 的测试消息。",
		}
	}
	text.Subject, text.Text = text.Title, text.Body
	text.HTML = "<p>" + strings.ReplaceAll(text.Body, "\n", "<br>") + "</p>"
	category, _, _ := strings.Cut(ProbeType, ".")
	return Message{
		Attempt: 1, Type: ProbeType, Category: category, Severity: models.SeverityInfo,
		Rendered: text, CreatedAt: now, Mandatory: true,
	}
}
