package destinations

import (
	"context"
	"maps"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

func describeChannels() map[string]operation.Operation {
	return map[string]operation.Operation{
		"channel.list": {
			Summary:     "List the channels and what can be configured",
			Description: "Forms and validation are derived from the fields. Operators who configure providers see their fields; everybody sees those of bots.",
		},
	}
}

// channelView is a channel as its adapter describes it.
type channelView struct {
	Kind    string              `json:"kind" doc:"The adapter: kind of a provider."`
	Channel models.Channel      `json:"channel"`
	Labels  map[string]string   `json:"labels" doc:"By language."`
	Help    map[string]string   `json:"help" doc:"By language."`
	Guide   map[string][]string `json:"guide" doc:"The steps to a bot's settings on its platform, by language; empty for none."`
	// Available says that an operator configured it; the inbox always is.
	Available bool `json:"available" doc:"Whether it can be chosen: it has an enabled provider. The inbox needs none."`
	// Bots says whom it writes to.
	Bots           bool        `json:"bots" doc:"Whether it writes to bots of accounts rather than to addresses of contacts."`
	Repeatable     bool        `json:"repeatable" doc:"Whether a message may be sent again after an unknown outcome."`
	Limits         limitsView  `json:"limits" doc:"Zero is none. Longer texts are cut."`
	ProviderFields []fieldView `json:"provider_fields" doc:"What an operator configures."`
	BotFields      []fieldView `json:"bot_fields" doc:"What an account configures."`
}

type limitsView struct {
	SubjectRunes int `json:"subject_characters"`
	TextRunes    int `json:"text_characters"`
	BodyBytes    int `json:"body_bytes"`
}

// fieldView is one setting.
type fieldView struct {
	Name      string            `json:"name"`
	Labels    map[string]string `json:"labels"`
	Help      map[string]string `json:"help"`
	Type      string            `json:"type" enum:"string,text,int,bool,enum,url,host,email,json,headers,pem"`
	Secret    bool              `json:"secret" doc:"Stands under secrets, is encrypted, and never shown."`
	Required  bool              `json:"required"`
	Generated bool              `json:"generated" doc:"Made by Belfry when left out, and shown once."`
	Enum      []string          `json:"enum"`
	Default   string            `json:"default"`
	Min       int               `json:"min" doc:"Least number."`
	Max       int               `json:"max" doc:"Greatest number, or most characters of a text; zero means 1,000 characters."`
}

func viewFields(fields []channels.Field) []fieldView {
	views := make([]fieldView, 0, len(fields))
	for _, f := range fields {
		views = append(views, fieldView{
			Name: f.Name, Labels: f.Labels, Help: f.Help, Type: f.Type, Secret: f.Secret, Required: f.Required,
			Generated: f.Generate != nil, Enum: append([]string{}, f.Enum...), Default: f.Default, Min: f.Min, Max: f.Max,
		})
	}
	return views
}

// inboxChannel is the channel that no adapter serves.
func inboxChannel() channelView {
	return channelView{
		Kind: string(models.ChannelInbox), Channel: models.ChannelInbox, Available: true, Repeatable: true,
		Labels: map[string]string{models.LocaleEN: "Inbox", models.LocaleZH: "站内信"},
		Help:   map[string]string{models.LocaleEN: "Needs no configuration.", models.LocaleZH: "无需配置。"},
		Guide:  map[string][]string{}, ProviderFields: []fieldView{}, BotFields: []fieldView{},
	}
}

func listChannels(ctx context.Context, c *operation.Call, _ *struct{}) (*operation.ListOut[channelView], error) {
	providers, err := c.Store.Platform().Providers().List(ctx, "")
	if err != nil {
		return nil, err
	}
	configures := c.Rbac.Allow(ctx, c.Actor, "provider.list", c.Account())
	if configures != nil && models.CodeOf(configures) != models.CodeForbidden {
		return nil, configures
	}
	enabled := map[string]bool{}
	for _, p := range providers {
		enabled[p.Kind] = enabled[p.Kind] || p.Enabled
	}
	out := &operation.ListOut[channelView]{Body: operation.PageOf[channelView]{Items: []channelView{inboxChannel()}}}
	for _, d := range c.Channels.Descriptors() {
		view := channelView{
			Kind: d.Kind, Channel: d.Channel, Labels: d.Labels, Help: d.Help, Available: enabled[d.Kind], Bots: d.WritesToBots(),
			Guide: map[string][]string{}, Repeatable: d.Repeatable, Limits: limitsView(d.Limits), ProviderFields: []fieldView{}, BotFields: viewFields(d.BotFields),
		}
		maps.Copy(view.Guide, d.Guide)
		if configures == nil {
			view.ProviderFields = viewFields(d.Fields)
		}
		out.Body.Items = append(out.Body.Items, view)
	}
	return out, nil
}
