package pages

const apiPath = "/api"
