package models

// Position is an entry of the list of positions that contacts can have; operators
// edit the list.
type Position struct {
	Key string `gorm:"primaryKey"`
	// Place orders the list, lowest first.
	Place int
	// Names are by locale; every locale is present.
	Names map[Locale]string `gorm:"serializer:json"`
}
