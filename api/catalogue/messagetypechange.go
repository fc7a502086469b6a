package catalogue

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/store"
)

type createMessageTypeIn struct {
	Body struct {
		Key             string                  `json:"key" maxLength:"64" doc:"category.name; never changes." example:"service.incident_review"`
		Names           map[string]string       `json:"names" doc:"By language; every language is needed."`
		Descriptions    map[string]string       `json:"descriptions" doc:"By language; every language is needed."`
		Audience        []string                `json:"audience" maxItems:"10"`
		Severity        models.Severity         `json:"severity" enum:"info,warning,critical"`
		DeadlineSeconds int64                   `json:"deadline_seconds" minimum:"60" maximum:"604800"`
		DedupWindow     int64                   `json:"dedup_window_seconds,omitempty" minimum:"1" maximum:"86400" doc:"300 when left out."`
		Default         []models.Channel        `json:"default" maxItems:"10"`
		Locked          []models.Channel        `json:"locked,omitempty" maxItems:"10"`
		Strict          bool                    `json:"strict,omitempty"`
		Marketing       bool                    `json:"marketing,omitempty"`
		Optional        bool                    `json:"optional,omitempty"`
		SMSParts        int                     `json:"sms_parts,omitempty" minimum:"1" maximum:"10" doc:"3 when left out."`
		AtMostOnce      bool                    `json:"at_most_once,omitempty"`
		Enabled         *bool                   `json:"enabled,omitempty" doc:"True when left out."`
		Variables       []variableView          `json:"variables,omitempty" maxItems:"50"`
		Templates       map[string]templateView `json:"templates" doc:"By language; every language is needed."`
	}
}

func (in *createMessageTypeIn) definition() models.MessageType {
	b := in.Body
	t := models.MessageType{
		Key: b.Key, Category: models.CategoryOf(b.Key), Names: b.Names, Descriptions: b.Descriptions,
		Audience: list(b.Audience), Severity: b.Severity, DeadlineSeconds: b.DeadlineSeconds,
		DedupWindowSeconds: b.DedupWindow, SMSParts: b.SMSParts,
		Default: list(b.Default), Locked: list(b.Locked), Strict: b.Strict, Marketing: b.Marketing, Optional: b.Optional,
		AtMostOnce: b.AtMostOnce, Enabled: b.Enabled == nil || *b.Enabled, Variables: declared(b.Variables),
		Templates: map[string]document.Template{},
	}
	for locale, each := range b.Templates {
		t.Templates[locale] = document.Template{
			Title: each.Title, Body: string(each.Body), Subject: each.Subject, Text: string(each.Text), HTML: string(each.HTML), Short: each.Short,
		}
	}
	return t
}

func createMessageType(ctx context.Context, c *operation.Call, in *createMessageTypeIn) (*messageTypeOut, error) {
	t := in.definition()
	if fields := check(c.Core, t); len(fields) > 0 {
		return nil, models.InvalidFields(fields)
	}
	sortVariables(&t)
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[messageTypeOut], error) {
		head, err := tx.Platform().MessageTypes().Create(ctx, t, c.Actor.ID)
		if err != nil {
			return nil, err
		}
		out := outMessageType(head)
		out.Location = "/v1/message-types/" + head.Key
		return operation.Did(out, operation.Of("message_type", head.Key, versionOf(head)), nil, viewMessageType(head)), nil
	})
}

type updateMessageTypeIn struct {
	Key string `path:"key" pattern:"^[a-z][a-z0-9_]{0,23}\\.[a-z][a-z0-9_]{0,38}$"`
	operation.Editing
	Body messageTypeChange
}

// messageTypeChange is an edit: what is left out stays.
type messageTypeChange struct {
	Names           *map[string]string        `json:"names,omitempty"`
	Descriptions    *map[string]string        `json:"descriptions,omitempty"`
	Audience        *[]string                 `json:"audience,omitempty" maxItems:"10"`
	Severity        *models.Severity          `json:"severity,omitempty" enum:"info,warning,critical"`
	DeadlineSeconds *int64                    `json:"deadline_seconds,omitempty" minimum:"60" maximum:"604800"`
	DedupWindow     *int64                    `json:"dedup_window_seconds,omitempty" minimum:"1" maximum:"86400"`
	Default         *[]models.Channel         `json:"default,omitempty" maxItems:"10"`
	Locked          *[]models.Channel         `json:"locked,omitempty" maxItems:"10"`
	Strict          *bool                     `json:"strict,omitempty"`
	Marketing       *bool                     `json:"marketing,omitempty"`
	Optional        *bool                     `json:"optional,omitempty"`
	SMSParts        *int                      `json:"sms_parts,omitempty" minimum:"1" maximum:"10"`
	AtMostOnce      *bool                     `json:"at_most_once,omitempty"`
	Enabled         *bool                     `json:"enabled,omitempty"`
	Variables       *[]variableView           `json:"variables,omitempty" maxItems:"50" doc:"All of them; what is left out of the list is no variable any more."`
	Templates       map[string]templateChange `json:"templates,omitempty" doc:"By language; texts that are left out stay."`
}

type templateChange struct {
	Title   *string        `json:"title,omitempty"`
	Body    *wire.FreeText `json:"body,omitempty"`
	Subject *string        `json:"subject,omitempty"`
	Text    *wire.FreeText `json:"text,omitempty" doc:"Empty: made of the body."`
	HTML    *wire.FreeText `json:"html,omitempty" doc:"Empty: made of the body."`
	Short   *string        `json:"short,omitempty"`
}

func (change templateChange) applyTo(t document.Template) document.Template {
	operation.Set(&t.Title, change.Title)
	operation.Set(&t.Body, (*string)(change.Body))
	operation.Set(&t.Subject, change.Subject)
	operation.Set(&t.Text, (*string)(change.Text))
	operation.Set(&t.HTML, (*string)(change.HTML))
	operation.Set(&t.Short, change.Short)
	return t
}

// applyTo edits the type, which is the caller's own, and checks the result.
func (change messageTypeChange) applyTo(s *operation.Core, t *models.MessageType) error {
	operation.Set(&t.Names, change.Names)
	operation.Set(&t.Descriptions, change.Descriptions)
	operation.Set(&t.Audience, change.Audience)
	operation.Set(&t.Severity, change.Severity)
	operation.Set(&t.DeadlineSeconds, change.DeadlineSeconds)
	operation.Set(&t.DedupWindowSeconds, change.DedupWindow)
	operation.Set(&t.SMSParts, change.SMSParts)
	operation.Set(&t.Default, change.Default)
	operation.Set(&t.Locked, change.Locked)
	operation.Set(&t.Strict, change.Strict)
	operation.Set(&t.Marketing, change.Marketing)
	operation.Set(&t.Optional, change.Optional)
	operation.Set(&t.AtMostOnce, change.AtMostOnce)
	operation.Set(&t.Enabled, change.Enabled)
	draft := messageTypeDraft{Variables: change.Variables, Templates: change.Templates}
	draft.edit(t)
	if fields := check(s, *t); len(fields) > 0 {
		return models.InvalidFields(fields)
	}
	sortVariables(t)
	return nil
}

// edit changes texts and variables; the maps of t are replaced, never changed.
func (draft messageTypeDraft) edit(t *models.MessageType) {
	if draft.Variables != nil {
		t.Variables = declared(*draft.Variables)
	}
	if len(draft.Templates) == 0 {
		return
	}
	t.Templates = maps.Clone(t.Templates)
	for locale, change := range draft.Templates {
		t.Templates[locale] = change.applyTo(t.Templates[locale])
	}
}

// applyTo returns the type with the draft's texts and variables, checked.
func (draft messageTypeDraft) applyTo(t models.MessageType) (models.MessageType, error) {
	draft.edit(&t)
	if fields := catalog.Check(t); len(fields) > 0 {
		return t, models.InvalidFields(under("draft", fields))
	}
	return t, nil
}

func updateMessageType(ctx context.Context, c *operation.Call, in *updateMessageTypeIn) (*messageTypeOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[messageTypeOut], error) {
		before, after, err := tx.Platform().MessageTypes().Update(ctx, in.Key, version, c.Actor.ID, func(t *models.MessageType) error {
			return in.Body.applyTo(c.Core, t)
		})
		if err != nil {
			return nil, err
		}
		return operation.Did(outMessageType(after), operation.Of("message_type", after.Key, versionOf(after)),
			viewMessageType(before), viewMessageType(after)), nil
	})
}

// check is what is wrong with a message type here: its channels are the inbox and those to
// people that there are adapters for.
func check(s *operation.Core, t models.MessageType) []models.Field {
	fields, kinds := catalog.Check(t), s.Channels.AddressKinds()
	for _, list := range []struct {
		at       string
		channels []models.Channel
	}{{"#/default", t.Default}, {"#/locked", t.Locked}} {
		for i, channel := range list.channels {
			if _, known := kinds[channel]; !known && channel != models.ChannelInbox {
				fields = append(fields, models.Field{
					Pointer: list.at + "/" + strconv.Itoa(i), Code: "invalid-value", Detail: "It is neither the inbox nor a channel to people.",
				})
			}
		}
	}
	return fields
}

// sortVariables is for after the check, whose pointers follow the caller's order.
func sortVariables(t *models.MessageType) {
	slices.SortFunc(t.Variables, func(a, b models.Variable) int { return strings.Compare(a.Name, b.Name) })
}

func declared(views []variableView) []models.Variable {
	variables := make([]models.Variable, 0, len(views))
	for _, v := range views {
		variables = append(variables, models.Variable{Name: v.Name, Required: v.Required, Samples: wire.PlainTexts(v.Samples)})
	}
	return variables
}

// list returns an empty list for none, as the catalogue stores it.
func list[T any](items []T) []T { return append([]T{}, items...) }
