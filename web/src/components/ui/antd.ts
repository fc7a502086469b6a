// The parts of antd that pages may use, in one place: look, contrast and sizes are decided by
// app/tokens. Lists, tables and check boxes are our own.
export { Alert, Button, Dropdown, Input, InputNumber, Popover, Radio, Segmented, Select, Skeleton, Spin, Switch, Tabs, Tooltip } from "antd";
