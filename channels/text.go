package channels

import "belfry.dev/belfry/channels/redact"

// Limits of what an attempt keeps of a provider's words, in bytes.
const (
	maxCode    = 64
	maxMessage = 1024
)

// Words returns a provider's words as an attempt may keep them: without control
// characters and secrets, at most 1,024 bytes. The secrets are those of the
// target and the further ones given, in plain, escaped and base64 spelling.
func (t Target) Words(words string, further ...string) string {
	return redact.Words(words, maxMessage, append(t.secrets(), further...))
}

// Code is Words for a provider's code: at most 64 bytes.
func (t Target) Code(code string, further ...string) string {
	return redact.Words(code, maxCode, append(t.secrets(), further...))
}
