package catalogue

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"strconv"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

func describePositions() map[string]operation.Operation {
	return map[string]operation.Operation{
		"position.list": {
			Summary:     "List the positions that contacts can have",
			Description: "In the order in which people choose from them, with their names in each language.",
		},
		"position.replace": {
			Summary:     "Replace the list of positions",
			Description: "Positions that contacts of any account have must stay; their names may change.",
		},
	}
}

type positionView struct {
	Key   string                   `json:"key"`
	Names map[models.Locale]string `json:"names" doc:"By language."`
}

type positionsOut struct {
	ETag string `header:"ETag"`
	Body struct {
		Items []positionView `json:"items" doc:"In the order that they are offered."`
	}
}

func outPositions(list []models.Position) (*positionsOut, error) {
	out := &positionsOut{}
	out.Body.Items = []positionView{}
	for _, p := range list {
		out.Body.Items = append(out.Body.Items, positionView{p.Key, p.Names})
	}
	version, err := positionsVersion(out.Body.Items)
	out.ETag = operation.ETag(version)
	return out, err
}

// positionsVersion is a number that another list has another one of: 1–10^17.
func positionsVersion(list []positionView) (int64, error) {
	text, err := json.Marshal(list)
	if err != nil {
		return 0, err
	}
	h := fnv.New64a()
	_, _ = h.Write(text) // never fails
	return 1 + int64(h.Sum64()%1e17), nil
}

func listPositions(ctx context.Context, c *operation.Call, _ *struct{}) (*positionsOut, error) {
	list, err := c.Store.Platform().Positions().List(ctx)
	if err != nil {
		return nil, err
	}
	return outPositions(list)
}

type replacePositionsIn struct {
	operation.Editing
	Body struct {
		Items []positionIn `json:"items" maxItems:"100" doc:"In the order that they are offered."`
	}
}

type positionIn struct {
	Key   string `json:"key" pattern:"^[a-z][a-z0-9_]{0,63}$" patternDescription:"1–64 of a–z, 0–9 and _, beginning with a letter"`
	Names struct {
		ZH string `json:"zh-CN" minLength:"1" maxLength:"64"`
		EN string `json:"en-US" minLength:"1" maxLength:"64"`
	} `json:"names"`
}

// positions are what the store makes of the request. Code validation-failed: a key
// stands twice.
func (in *replacePositionsIn) positions() ([]models.Position, error) {
	list, seen := []models.Position{}, map[string]bool{}
	for i, each := range in.Body.Items {
		if seen[each.Key] {
			return nil, models.Invalid("#/items/"+strconv.Itoa(i)+"/key", "duplicate", "stands twice")
		}
		seen[each.Key] = true
		names := map[models.Locale]string{models.LocaleZH: each.Names.ZH, models.LocaleEN: each.Names.EN}
		list = append(list, models.Position{Key: each.Key, Names: names})
	}
	return list, nil
}

func replacePositions(ctx context.Context, c *operation.Call, in *replacePositionsIn) (*positionsOut, error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	list, err := in.positions()
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[positionsOut], error) {
		var old *positionsOut
		_, err := tx.Platform().Positions().Set(ctx, list, func(before []models.Position) (err error) {
			if old, err = outPositions(before); err == nil && version != 0 && old.ETag != operation.ETag(version) {
				err = models.Errorf(models.CodeStale, "The list was changed meanwhile.")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		out, err := outPositions(list)
		if err != nil {
			return nil, err
		}
		return operation.Did(out, operation.Of("position", "all", ""), old.Body, out.Body), nil
	})
}
