"use strict";(self.rspackChunkdrydock=self.rspackChunkdrydock||[]).push([[700],{24(e,t,r){var n=r(25),a=r.n(n),o=r(26),c=(r.n(o))()(a());c.push([e.id,`/* What a prediction's answer looks like before the cell above it has run: see src/predictions.ts. */

.jp-Cell.drydock-answer-later .jp-Cell-inputWrapper {
  display: none;
}

.jp-Cell.drydock-answer-later::before {
  content: 'What happened? Run the cell above: the answer is shown here then.';
  display: block;
  margin-inline-start: calc(var(--jp-cell-prompt-width) + var(--jp-cell-collapser-width));
  padding: 0.4em 0.8em;
  border-inline-start: 3px solid var(--jp-border-color1);
  color: var(--jp-ui-font-color2);
  font-style: italic;
}

.drydock-page > iframe {
  width: 100%;
  height: 100%;
  border: 0;
}

#drydock-home-button {
  align-self: center;
  padding: 0 8px;
  font: inherit;
  color: var(--jp-ui-font-color1);
}

/* Tabs of several exercises' files: see tabData in src/names.ts. */

.lm-TabBar-tab[data-drydock-before] .lm-TabBar-tabLabel::before {
  content: attr(data-drydock-before);
}

.lm-TabBar-tab[data-drydock-after] .lm-TabBar-tabLabel::after {
  content: attr(data-drydock-after);
  color: var(--jp-ui-font-color2);
}
`,""]),r.d(t,{},{A:c})},26(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var r="",n=void 0!==t[5];return t[4]&&(r+="@supports (".concat(t[4],") {")),t[2]&&(r+="@media ".concat(t[2]," {")),n&&(r+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),r+=e(t),n&&(r+="}"),t[2]&&(r+="}"),t[4]&&(r+="}"),r}).join("")},t.i=function(e,r,n,a,o){"string"==typeof e&&(e=[[null,e,void 0]]);var c={};if(n)for(var i=0;i<this.length;i++){var s=this[i][0];null!=s&&(c[s]=!0)}for(var l=0;l<e.length;l++){var d=[].concat(e[l]);n&&c[d[0]]||(void 0!==o&&(void 0===d[5]||(d[1]="@layer".concat(d[5].length>0?" ".concat(d[5]):""," {").concat(d[1],"}")),d[5]=o),r&&(d[2]&&(d[1]="@media ".concat(d[2]," {").concat(d[1],"}")),d[2]=r),a&&(d[4]?(d[1]="@supports (".concat(d[4],") {").concat(d[1],"}"),d[4]=a):d[4]="".concat(a)),t.push(d))}},t}},25(e){e.exports=function(e){return e[1]}},18(e){var t=[];function r(e){for(var r=-1,n=0;n<t.length;n++)if(t[n].identifier===e){r=n;break}return r}function n(e,n){for(var a={},o=[],c=0;c<e.length;c++){var i=e[c],s=n.base?i[0]+n.base:i[0],l=a[s]||0,d="".concat(s," ").concat(l);a[s]=l+1;var p=r(d),u={css:i[1],media:i[2],sourceMap:i[3],supports:i[4],layer:i[5]};if(-1!==p)t[p].references++,t[p].updater(u);else{var f=function(e,t){var r=t.domAPI(t);return r.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&r.update(e=t):r.remove()}}(u,n);n.byIndex=c,t.splice(c,0,{identifier:d,updater:f,references:1})}o.push(d)}return o}e.exports=function(e,a){var o=n(e=e||[],a=a||{});return function(e){e=e||[];for(var c=0;c<o.length;c++){var i=r(o[c]);t[i].references--}for(var s=n(e,a),l=0;l<o.length;l++){var d=r(o[l]);0===t[d].references&&(t[d].updater(),t.splice(d,1))}o=s}}},20(e){var t={};e.exports=function(e,r){var n=function(e){if(void 0===t[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}t[e]=r}return t[e]}(e);if(!n)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");n.appendChild(r)}},22(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},21(e,t,r){e.exports=function(e){var t=r.nc;t&&e.setAttribute("nonce",t)}},19(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(r){var n,a,o;n="",r.supports&&(n+="@supports (".concat(r.supports,") {")),r.media&&(n+="@media ".concat(r.media," {")),(a=void 0!==r.layer)&&(n+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),n+=r.css,a&&(n+="}"),r.media&&(n+="}"),r.supports&&(n+="}"),(o=r.sourceMap)&&"u">typeof btoa&&(n+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(o))))," */")),e.styleTagTransform(n,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},23(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}},17(e,t,r){var n=r(18),a=r.n(n),o=r(19),c=r.n(o),i=r(20),s=r.n(i),l=r(21),d=r.n(l),p=r(22),u=r.n(p),f=r(23),h=r.n(f),v=r(24),m={};m.styleTagTransform=h(),m.setAttributes=d(),m.insert=s().bind(null,"head"),m.domAPI=c(),m.insertStyleElement=u(),a()(v.A,m),v.A&&v.A.locals&&v.A.locals}}]);