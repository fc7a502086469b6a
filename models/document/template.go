package document

import (
	"encoding/json"
	"html"
	"strings"
)

// Template holds one locale's texts of a message type.
type Template struct {
	// Title and Body are the inbox message; Body is plain text with line breaks. It is the
	// source of all longer texts.
	Title string `json:"title"`
	Body  string `json:"body"`
	// Subject, Text and HTML are the e-mail. Text and HTML are "" where they are made of
	// Body, as most are.
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	// Short is for SMS and other short texts.
	Short string `json:"short"`
}

// MarshalJSON writes a text and an HTML of the body where there are none, so that workers
// of the release before this one have something to send, and says that they are none.
func (t Template) MarshalJSON() ([]byte, error) {
	s := storedTemplate{plainTemplate: plainTemplate(t), NoText: t.Text == "", NoHTML: t.HTML == ""}
	if s.NoText {
		s.Text = t.Body
	}
	if s.NoHTML {
		s.HTML = "<p>" + strings.ReplaceAll(html.EscapeString(t.Body), "\n", "<br>\n") + "</p>"
	}
	return json.Marshal(s)
}

// UnmarshalJSON reads what MarshalJSON and earlier releases wrote.
func (t *Template) UnmarshalJSON(data []byte) error {
	var s storedTemplate
	err := json.Unmarshal(data, &s)
	*t = Template(s.plainTemplate)
	if s.NoText {
		t.Text = ""
	}
	if s.NoHTML {
		t.HTML = ""
	}
	return err
}

type plainTemplate Template

type storedTemplate struct {
	plainTemplate
	NoText bool `json:"no_text,omitempty"`
	NoHTML bool `json:"no_html,omitempty"`
}
