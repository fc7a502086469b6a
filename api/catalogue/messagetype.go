package catalogue

import (
	"context"
	"strconv"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/text"
	"belfry.dev/belfry/store"
)

// maxDefinition bounds the body with a message type's texts.
const maxDefinition = 2 << 20

func describeMessageTypes() map[string]operation.Operation {
	return map[string]operation.Operation{
		"category.list": {
			Summary:     "List the categories",
			Description: "In the order in which people see them, with their names in each language.",
		},
		"message_type.list": {
			Summary:     "List the message types",
			Description: "Sorted by key.",
		},
		"message_type.get": {
			Summary:     "Show a message type",
			Description: "With its templates, its variables and its samples, as of its newest version.",
		},
		"message_type.versions": {
			Summary:     "List the versions of a message type",
			Description: "Newest first. Notifications name the version that they were written with.",
		},
		"message_type.preview": {
			Summary:      "Render a message type",
			Description:  "All texts exactly as a notification with this input is stored and sent; only optional mail has each recipient's link to unsubscribe besides. Changes nothing.",
			MaxBodyBytes: maxDefinition,
		},
		"message_type.create": {
			Summary:      "Add a message type",
			Description:  "Its texts must use declared variables only, in every language. Subscriptions of all accounts show it at once.",
			MaxBodyBytes: maxDefinition,
		},
		"message_type.update": {
			Summary:      "Change a message type",
			Description:  "Makes the next version. Notifications keep the version that they were accepted with; stored messages never change. What Belfry ships as locked, nobody switches off: 409.",
			MaxBodyBytes: maxDefinition,
		},
	}
}

type categoryView struct {
	Key      string            `json:"key" example:"account"`
	Position int               `json:"position"`
	Names    map[string]string `json:"names" doc:"By language."`
}

func listCategories(ctx context.Context, c *operation.Call, _ *struct{}) (*operation.ListOut[categoryView], error) {
	categories, err := c.Store.Platform().MessageTypes().Categories(ctx)
	out := &operation.ListOut[categoryView]{Body: operation.PageOf[categoryView]{Items: []categoryView{}}}
	for _, each := range categories {
		out.Body.Items = append(out.Body.Items, categoryView(each))
	}
	return out, err
}

// MessageTypeSummary is a message type without its texts.
type MessageTypeSummary struct {
	Key             string            `json:"key" example:"account.low_balance"`
	Category        string            `json:"category" example:"account"`
	Names           map[string]string `json:"names" doc:"By language."`
	Descriptions    map[string]string `json:"descriptions" doc:"By language."`
	Audience        []string          `json:"audience" doc:"Who should get it."`
	Severity        models.Severity   `json:"severity"`
	DeadlineSeconds int64             `json:"deadline_seconds" doc:"Retries end this long after it is due."`
	DedupWindow     int64             `json:"dedup_window_seconds" doc:"For how long events with one dedup_key count on the first one's notification."`
	Default         []models.Channel  `json:"default" doc:"Ticked for accounts that chose nothing."`
	Locked          []models.Channel  `json:"locked" doc:"Nobody can switch these off."`
	Strict          bool              `json:"strict" doc:"Can neither be added to nor taken from."`
	Marketing       bool              `json:"marketing" doc:"Carries a link to unsubscribe."`
	Optional        bool              `json:"optional" doc:"Mail of it may be ended by one press (RFC 8058), as marketing mail may."`
	SMSParts        int               `json:"sms_parts" doc:"How many parts a text message of the type may have; longer texts are cut."`
	AtMostOnce      bool              `json:"at_most_once" doc:"An attempt with an unknown outcome is not repeated."`
	Internal        bool              `json:"internal" doc:"Belfry's own: nobody submits it, and it is no part of a subscription."`
	Enabled         bool              `json:"enabled"`
	Version         int64             `json:"version"`
	Origin          models.TypeOrigin `json:"origin" doc:"shipped follows the releases of Belfry; operator stays as operators left it." enum:"shipped,operator"`
	CreatedAt       time.Time         `json:"created_at"`
	UpdatedAt       time.Time         `json:"updated_at"`
}

type messageTypeView struct {
	MessageTypeSummary
	Variables []variableView          `json:"variables"`
	Templates map[string]templateView `json:"templates" doc:"By language."`
}

type variableView struct {
	Name     string                   `json:"name" maxLength:"40"`
	Required bool                     `json:"required,omitempty"`
	Samples  map[string]wire.FreeText `json:"samples" doc:"By language, for previews."`
}

type templateView struct {
	Title   string        `json:"title" doc:"Of the inbox message, one line."`
	Body    wire.FreeText `json:"body" doc:"Plain text: the inbox message, and the source of the e-mail's text and HTML and of what chat platforms show. A line 'Label: {{name}}' is a fact; one that begins with '! ' warns."`
	Subject string        `json:"subject" doc:"Of the e-mail, one line."`
	Text    wire.FreeText `json:"text,omitempty" doc:"Of the e-mail, plain text, instead of one made of the body."`
	HTML    wire.FreeText `json:"html,omitempty" doc:"Of the e-mail, instead of one made of the body: the content only, in plain elements. Belfry adds frame and styles."`
	Short   string        `json:"short" doc:"For SMS, one line."`
}

func summarise(h models.MessageTypeHead) MessageTypeSummary {
	return MessageTypeSummary{
		Key: h.Key, Category: h.Category, Names: h.Names, Descriptions: h.Descriptions,
		Audience: append([]string{}, h.Audience...), Severity: h.Severity, DeadlineSeconds: h.DeadlineSeconds,
		DedupWindow: int64(h.DedupWindow() / time.Second), SMSParts: h.TextParts(),
		Default: append([]models.Channel{}, h.Default...), Locked: append([]models.Channel{}, h.Locked...),
		Strict: h.Strict, Marketing: h.Marketing, Optional: h.Optional, AtMostOnce: h.AtMostOnce, Internal: h.Internal, Enabled: h.Enabled,
		Version: h.Version, Origin: h.Origin, CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
	}
}

func viewMessageType(h models.MessageTypeHead) messageTypeView {
	view := messageTypeView{MessageTypeSummary: summarise(h), Variables: []variableView{}, Templates: map[string]templateView{}}
	for _, v := range h.Variables {
		samples := make(map[string]wire.FreeText, len(v.Samples))
		for locale, sample := range v.Samples {
			samples[locale] = wire.FreeText(sample)
		}
		view.Variables = append(view.Variables, variableView{Name: v.Name, Required: v.Required, Samples: samples})
	}
	for locale, t := range h.Templates {
		view.Templates[locale] = templateView{
			Title: t.Title, Body: wire.FreeText(t.Body), Subject: t.Subject, Text: wire.FreeText(t.Text), HTML: wire.FreeText(t.HTML), Short: t.Short,
		}
	}
	return view
}

type listMessageTypesIn struct {
	operation.Listing
	Category string `query:"category" maxLength:"24" pattern:"^[a-z0-9_]*$" doc:"The category's key."`
	Enabled  string `query:"enabled" enum:",true,false"`
}

func listMessageTypes(ctx context.Context, c *operation.Call, in *listMessageTypesIn) (*operation.ListOut[MessageTypeSummary], error) {
	p, err := c.Paging(in.Listing, in.Category, in.Enabled)
	if err != nil {
		return nil, err
	}
	filter := store.MessageTypeFilter{Category: in.Category}
	if filter.Product, err = asking(ctx, c); err != nil {
		return nil, err
	}
	if in.Enabled != "" {
		filter.Enabled = new(in.Enabled == "true")
	}
	rows, next, err := c.Store.Catalogue().MessageTypes(ctx, filter, p.Page)
	return operation.Listed(p, rows, next, summarise), err
}

type messageTypeOut struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     messageTypeView
}

func outMessageType(h models.MessageTypeHead) *messageTypeOut {
	return &messageTypeOut{ETag: operation.ETag(h.Version), Body: viewMessageType(h)}
}

type getMessageTypeIn struct {
	Key     string `path:"key" pattern:"^[a-z][a-z0-9_]{0,23}\\.[a-z][a-z0-9_]{0,38}$"`
	Version int64  `query:"version" minimum:"1" doc:"An older version; the newest when left out."`
}

// asking is the product that asks; nil when somebody else does.
func asking(ctx context.Context, c *operation.Call) (*models.Product, error) {
	if c.Actor.Kind != models.ActorProduct {
		return nil, nil
	}
	product, err := c.Store.Platform().Products().ByID(ctx, c.Actor.ID)
	return &product, err
}

// mayRead hides from products what they may not submit. Code not-found.
func mayRead(ctx context.Context, c *operation.Call, key string) error {
	product, err := asking(ctx, c)
	if err == nil && product != nil && (!product.MayUse(key) || models.SentByBelfry(key)) {
		return models.NotFound()
	}
	return err
}

func getMessageType(ctx context.Context, c *operation.Call, in *getMessageTypeIn) (*messageTypeOut, error) {
	if err := mayRead(ctx, c, in.Key); err != nil {
		return nil, err
	}
	head, err := messageTypeAt(ctx, c.Core, in.Key, in.Version)
	if err != nil {
		return nil, err
	}
	return outMessageType(head), nil
}

// messageTypeAt returns the newest version for 0.
func messageTypeAt(ctx context.Context, s *operation.Core, key string, version int64) (models.MessageTypeHead, error) {
	head, err := s.Store.Catalogue().MessageType(ctx, key)
	if err != nil || version == 0 {
		return head, err
	}
	head.MessageType, err = s.Store.Catalogue().MessageTypeVersion(ctx, key, version)
	return head, err
}

type messageTypeVersionView struct {
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by" doc:"The operator's id; empty for what Belfry ships."`
	// CreatedByName is empty for those who are gone, too.
	CreatedByName string `json:"created_by_name" doc:"What people call the operator; for operators only."`
}

type listMessageTypeVersionsIn struct {
	Key string `path:"key" pattern:"^[a-z][a-z0-9_]{0,23}\\.[a-z][a-z0-9_]{0,38}$"`
	operation.Listing
}

func listMessageTypeVersions(ctx context.Context, c *operation.Call, in *listMessageTypeVersionsIn) (*operation.ListOut[messageTypeVersionView], error) {
	p, err := c.Paging(in.Listing)
	if err != nil {
		return nil, err
	}
	if err := mayRead(ctx, c, in.Key); err != nil {
		return nil, err
	}
	rows, next, err := c.Store.Platform().MessageTypes().Revisions(ctx, in.Key, p.Page)
	if err != nil {
		return nil, err
	}
	var makers []string
	for _, r := range rows {
		makers = append(makers, r.CreatedBy)
	}
	if c.Account() != models.Platform {
		makers = nil
	}
	names, err := c.Store.In(models.Platform).Users().Names(ctx, makers...)
	return operation.Listed(p, rows, next, func(r models.MessageTypeRevision) messageTypeVersionView {
		return messageTypeVersionView{Version: r.Version, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, CreatedByName: names[r.CreatedBy]}
	}), err
}

type previewIn struct {
	Key  string `path:"key" pattern:"^[a-z][a-z0-9_]{0,23}\\.[a-z][a-z0-9_]{0,38}$"`
	Body struct {
		Language  string                 `json:"language,omitempty" enum:",zh-CN,en-US" doc:"zh-CN when left out."`
		Version   int64                  `json:"version,omitempty" minimum:"0" doc:"An older version; the newest when left out."`
		Variables map[string]wire.Scalar `json:"variables,omitempty" doc:"As in a submission; the samples when left out."`
		Link      string                 `json:"link,omitempty" maxLength:"2048" doc:"As in a submission."`
		Severity  models.Severity        `json:"severity,omitempty" enum:",info,warning,critical" doc:"As in a submission; the type's when left out."`
		Draft     *messageTypeDraft      `json:"draft,omitempty" doc:"Changes that are not stored yet."`
	}
}

type messageTypeDraft struct {
	Variables *[]variableView           `json:"variables,omitempty" maxItems:"50"`
	Templates map[string]templateChange `json:"templates,omitempty"`
}

type previewOut struct {
	Body struct {
		Language string        `json:"language"`
		Title    string        `json:"title"`
		Body     wire.FreeText `json:"body"`
		Subject  string        `json:"subject"`
		Text     wire.FreeText `json:"text"`
		HTML     wire.FreeText `json:"html"`
		Short    string        `json:"short"`
		SMS      smsView       `json:"sms" doc:"The short text as a text message, before a provider's sign."`
		Link     string        `json:"link" doc:"Absolute; empty for none."`
	}
}

// smsView is a text as phones get it.
type smsView struct {
	Text     string           `json:"text"`
	Encoding text.SMSEncoding `json:"encoding" enum:"gsm7,ucs2"`
	Units    int              `json:"units" doc:"Septets of GSM-7, or units of UTF-16: what parts are counted by."`
	Parts    int              `json:"parts"`
}

func previewMessageType(ctx context.Context, c *operation.Call, in *previewIn) (*previewOut, error) {
	if err := mayRead(ctx, c, in.Key); err != nil {
		return nil, err
	}
	head, err := messageTypeAt(ctx, c.Core, in.Key, in.Body.Version)
	if err != nil {
		return nil, err
	}
	t := head.MessageType
	if in.Body.Draft != nil {
		if t, err = in.Body.Draft.applyTo(t); err != nil {
			return nil, err
		}
	}
	fields := catalog.CheckLink(in.Body.Link)
	input := catalog.Input{Link: in.Body.Link, Severity: in.Body.Severity, Site: c.Config.Site}
	if in.Body.Variables != nil {
		input.Variables = wire.Texts(in.Body.Variables)
		fields = append(fields, catalog.CheckVariables(t, input.Variables)...)
	}
	if len(fields) > 0 {
		return nil, models.InvalidFields(fields)
	}
	language := in.Body.Language
	if language == "" {
		language = models.LocaleZH
	}
	for _, d := range c.Channels.Descriptors() { // the text that says it is the mail's
		input.Locked = input.Locked || d.Format == document.Mail && t.IsLocked(d.Channel)
	}
	shown, err := catalog.Preview(t, language, input)
	if err != nil {
		return nil, err
	}
	out := &previewOut{}
	out.Body.Language, out.Body.Link = shown.Locale, shown.Link
	out.Body.Title, out.Body.Body, out.Body.Short = shown.Title, wire.FreeText(shown.Body), shown.Short
	out.Body.Subject, out.Body.Text, out.Body.HTML = shown.Subject, wire.FreeText(shown.Text), wire.FreeText(shown.HTML)
	out.Body.SMS = smsView(text.FitSMS("", shown.Short, t.TextParts()))
	return out, nil
}

// under puts pointers below another member: "#/templates" becomes "#/draft/templates".
func under(member string, fields []models.Field) []models.Field {
	for i := range fields {
		fields[i].Pointer = "#/" + member + fields[i].Pointer[len("#"):]
	}
	return fields
}

func versionOf(h models.MessageTypeHead) string {
	return h.Key + " v" + strconv.FormatInt(h.Version, 10)
}
