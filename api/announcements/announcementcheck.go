package announcements

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
)

func describeAnnouncementCheck() map[string]operation.Operation {
	return map[string]operation.Operation{
		"announcement.check": {
			Summary: "Check an announcement without making it", MaxBodyBytes: maxAnnouncement,
			Description: "The same body as announcement.create is checked in the same way; nothing is stored or sent. It tells how many accounts would be told, and names some of them.",
		},
	}
}

type checkedOut struct {
	Body checkedView
}

// checkedView is what an announcement would do now.
type checkedView struct {
	Total    int64        `json:"total" doc:"How many accounts are selected now. Accounts that are disabled when their turn comes are left out then."`
	Disabled int64        `json:"disabled" doc:"How many of the samples are disabled now."`
	Samples  []sampleView `json:"samples" doc:"The first 20 of them, in the order in which they are told."`
}

type sampleView struct {
	ID       models.AccountID `json:"id"`
	Alias    string           `json:"alias"`
	Name     string           `json:"name"`
	Language string           `json:"language"`
	TimeZone string           `json:"time_zone"`
	Enabled  bool             `json:"enabled"`
}

func checkAnnouncement(ctx context.Context, c *operation.Call, in *announceIn) (*checkedOut, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	in.Body.ExternalID = "" // repeats are checked, too
	draft, list, err := draftAnnouncement(ctx, c.Core, by, in, c.Body())
	if err != nil {
		return nil, err
	}
	rows, err := c.Store.Platform().Announcements().SampleAudience(ctx, draft, list, 20)
	if err != nil {
		return nil, err
	}
	out := &checkedOut{Body: checkedView{Total: draft.Total, Samples: make([]sampleView, 0, len(rows))}}
	for _, a := range rows {
		if !a.Enabled {
			out.Body.Disabled++
		}
		out.Body.Samples = append(out.Body.Samples, sampleView{
			ID: a.ID, Alias: a.Alias, Name: a.Name, Language: a.Language, TimeZone: a.TimeZone, Enabled: a.Enabled,
		})
	}
	return out, nil
}
