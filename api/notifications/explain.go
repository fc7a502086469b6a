package notifications

import (
	"context"
	"strings"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/routing"
)

func describeExplain() map[string]operation.Operation {
	return map[string]operation.Operation{
		"notification.explain": {
			Summary:      "Explain who would get a notification",
			MaxBodyBytes: maxSubmission,
			Description:  "Every recipient over every channel, and why or why not, decided by the code that sends. Sends and changes nothing. Accounts ask about themselves; products and operators name the account.",
		},
	}
}

type explainIn struct {
	Body struct {
		Type      string                 `json:"type" minLength:"1" maxLength:"64" doc:"The message type's key."`
		Account   string                 `json:"account,omitempty" maxLength:"40" doc:"The account, by id or alias: for products and operators."`
		Variables map[string]wire.Scalar `json:"variables,omitempty" doc:"As in a submission; the samples when left out."`
		Link      string                 `json:"link,omitempty" maxLength:"2048" doc:"As in a submission."`
		Severity  models.Severity        `json:"severity,omitempty" enum:",info,warning,critical" doc:"As in a submission; the type's when left out."`
		At        *time.Time             `json:"at,omitempty" doc:"When it would be planned: quiet hours and caps depend on it. Now when left out."`
	}
}

type explainOut struct {
	Body explanationView
}

// explanationView is what would become of a notification.
type explanationView struct {
	Type       string           `json:"type"`
	AccountID  models.AccountID `json:"account_id"`
	Severity   models.Severity  `json:"severity" enum:"info,warning,critical"`
	At         time.Time        `json:"at"`
	Deliveries []verdictView    `json:"deliveries" doc:"The account's inbox first, then in the order in which it is decided."`
}

// verdictView is one delivery that would be made, or not.
type verdictView struct {
	Channel   models.Channel `json:"channel"`
	Recipient string         `json:"recipient" doc:"The contact's or bot's name; empty for the account's inbox."`
	ContactID string         `json:"contact_id"`
	Address   string         `json:"address" doc:"Masked."`
	BotID     string         `json:"bot_id"`
	Language  string         `json:"language"`
	Locked    bool           `json:"locked" doc:"A floor that nobody can switch off."`
	Verdict   string         `json:"verdict" enum:"deliver,hold,suppress"`
	Reason    string         `json:"reason" doc:"See docs/reasons.md; empty when it is delivered at once."`
	Until     *time.Time     `json:"until" doc:"Until when it is held."`
	Text      string         `json:"text" doc:"The reason for a person, in the account's language."`
}

func explain(ctx context.Context, c *operation.Call, in *explainIn) (*explainOut, error) {
	account, kind, err := explained(ctx, c, in.Body.Account, in.Body.Type)
	if err != nil {
		return nil, err
	}
	content := catalog.Input{Link: in.Body.Link, Severity: kind.Severity, Variables: catalog.Samples(kind, account.Language)}
	fields := catalog.CheckLink(in.Body.Link)
	if in.Body.Variables != nil {
		content.Variables = wire.Texts(in.Body.Variables)
		fields = append(fields, catalog.CheckVariables(kind, content.Variables)...)
	}
	if in.Body.Severity != "" {
		content.Severity = in.Body.Severity
	}
	if len(fields) > 0 {
		return nil, models.InvalidFields(fields)
	}
	at := c.Store.Now()
	if in.Body.At != nil {
		at = *wire.Micros(in.Body.At)
	}
	planned, err := plan(ctx, c.Core, account, routing.Input{Type: kind, Severity: content.Severity, Now: at}, content)
	if err != nil {
		return nil, err
	}
	out := &explainOut{Body: explanationView{
		Type: kind.Key, AccountID: account.ID, Severity: content.Severity, At: at, Deliveries: make([]verdictView, 0, len(planned.Deliveries)),
	}}
	for _, d := range planned.Deliveries {
		out.Body.Deliveries = append(out.Body.Deliveries, viewVerdict(d, account.Language))
	}
	return out, nil
}

// explained finds the account and the message type that the caller may ask about: its own
// account, or what it may submit. Codes: see operation.Core.Submittable and Addressee.
func explained(ctx context.Context, c *operation.Call, name, key string) (models.Account, models.MessageType, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return models.Account{}, models.MessageType{}, err
	}
	var account models.Account
	if _, foreign := submitterOf(c); foreign {
		account, err = c.Addressee(ctx, by, name)
	} else {
		account, err = c.Store.In(c.Account()).Account().Read(ctx)
		if err == nil && name != "" && name != string(account.ID) && name != account.Alias {
			err = models.NotFound()
		}
	}
	if err != nil {
		return account, models.MessageType{}, err
	}
	kind, err := c.Submittable(ctx, by, key)
	return account, kind, err
}

// plan routes as planning does: the same reads, the same rules.
func plan(ctx context.Context, s *operation.Core, account models.Account, in routing.Input, content catalog.Input) (routing.Planned, error) {
	var err error
	if in.Targets, err = s.Store.Deliveries().NotificationTargets(ctx, account.ID, in.Type.Key); err != nil {
		return routing.Planned{}, err
	}
	in.Text = func(language string) string {
		text, renderErr := s.Renderer.Render(in.Type, language, content)
		if renderErr != nil {
			err = renderErr
		}
		return models.SearchText(text.Title, text.Body)
	}
	if keys := in.QuotaKeys(); len(keys) > 0 {
		if in.Used, err = s.Store.Deliveries().QuotasUsed(ctx, account.ID, keys); err != nil {
			return routing.Planned{}, err
		}
	}
	return routing.Plan(in), err
}

func viewVerdict(d models.Delivery, language string) verdictView {
	v := verdictView{
		Channel: d.Channel, Recipient: d.Recipient, ContactID: d.ContactID, Address: models.Masked(d.AddressKey), BotID: d.BotID,
		Language: d.Language, Locked: d.Locked, Verdict: "deliver", Reason: d.Reason, Until: d.NextAttemptAt,
	}
	switch {
	case d.State == models.DeliverySuppressed:
		v.Verdict = "suppress"
	case d.NextAttemptAt != nil:
		v.Verdict = "hold"
	}
	v.Text = reasonText(d.Locked, v.Reason, language)
	return v
}

// reasonText says a reason of routing to a person; "" stands for a delivery at once.
func reasonText(locked bool, reason, language string) string {
	if reason == "" && locked {
		reason = "locked"
	}
	for _, row := range reasonTexts() {
		if row[0] == reason && strings.HasPrefix(language, "zh") {
			return row[2]
		}
		if row[0] == reason {
			return row[1]
		}
	}
	return reason
}

// reasonTexts are the reasons in English and Chinese.
func reasonTexts() [][3]string {
	return [][3]string{
		{"", "It is delivered at once.", "立即送达。"},
		{"locked", "It is delivered at once: nobody can switch this off.", "立即送达：此渠道不可关闭。"},
		{models.ReasonDisabled, "The contact or bot is switched off.", "联系人或机器人已停用。"},
		{models.ReasonNotConfigured, "The operator does not offer this channel.", "平台未开通此渠道。"},
		{models.ReasonMarketingOff, "The account switched activity messages off.", "账号已关闭活动类消息。"},
		{models.ReasonNotTicked, "The subscription does not tick this channel.", "订阅中未勾选此渠道。"},
		{models.ReasonNoAddress, "The contact has no address for this channel.", "联系人没有此渠道的地址。"},
		{models.ReasonBounced, "A provider says that the address does not exist.", "服务商反馈该地址不存在。"},
		{models.ReasonUnverified, "Nobody has proven this address yet.", "该地址尚未验证。"},
		{models.ReasonUnsubscribed, "The contact unsubscribed by the link in a message.", "联系人已通过邮件中的链接退订。"},
		{models.ReasonFiltered, "The words of the contact or bot stop this text.", "被联系人或机器人的关键词规则过滤。"},
		{models.ReasonDuplicate, "Another delivery goes to the same address.", "同一地址已有另一条投递。"},
		{models.ReasonCapped, "The cap for this message type and channel is used up for today.", "此消息类型在该渠道的当日上限已用完。"},
		{models.ReasonThrottled, "The recipient got as many messages in this hour as allowed.", "接收方在本小时内已达到上限。"},
		{models.ReasonDigest, "It is held until the recipient's digest leaves.", "与其他消息合并为一条摘要后送达。"},
		{models.ReasonQuietHours, "It is held until the quiet hours end.", "免打扰时段结束后送达。"},
	}
}
